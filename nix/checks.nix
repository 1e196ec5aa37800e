{
  self,
  nixpkgs,
  pkgs,
}:
let
  inherit (pkgs) lib;
  inherit (pkgs.stdenv.hostPlatform) system isLinux;

  # The package's node_modules over the whole project, with another script than the build.
  npmCheck =
    name: script:
    pkgs.fdnix-indexer.overrideAttrs {
      name = "fdnix-indexer-${name}";
      src = self;
      npmBuildScript = script;
      doCheck = false;
      doInstallCheck = false;
      dontFixup = true;
      installPhase = ''
        touch "$out"
      '';
    };
in
{
  package = pkgs.fdnix-indexer;
  dev-shell = self.devShells.${system}.default;

  types = npmCheck "types" "typecheck";
  lint = npmCheck "lint" "lint";
  dead-code = npmCheck "dead-code" "deadcode";
  formatting = npmCheck "formatting" "format:check";
  formatting-nix = self.formatter.${system}.check self;
}
// lib.optionalAttrs isLinux (
  {
    image = self.packages.${system}.dockerImage;
    vm = pkgs.testers.runNixOSTest (import ./tests/vm.nix { inherit self; });
  }
  // import ./tests/module.nix { inherit self nixpkgs pkgs; }
)

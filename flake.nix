{
  description = "Turns a nixpkgs revision into a searchable LanceDB dataset";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;

      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "aarch64-darwin"
      ];

      forAllSystems = f: lib.genAttrs systems (system: f (pkgsFor system));
      pkgsFor = system: nixpkgs.legacyPackages.${system}.extend self.overlays.default;
    in
    {
      overlays.default = import ./nix/overlay.nix;

      nixosModules.default = lib.modules.importApply ./nix/module self;

      packages = forAllSystems (
        pkgs:
        {
          default = pkgs.fdnix-indexer;
          indexer = pkgs.fdnix-indexer;
        }
        // lib.optionalAttrs pkgs.stdenv.hostPlatform.isLinux {
          dockerImage = pkgs.callPackage ./nix/image { inherit self; };
        }
      );

      apps = forAllSystems (
        pkgs:
        let
          indexer = {
            type = "app";
            program = lib.getExe pkgs.fdnix-indexer;
            meta = { inherit (pkgs.fdnix-indexer.meta) description; };
          };
        in
        {
          inherit indexer;
          default = indexer;
        }
      );

      devShells = forAllSystems (pkgs: {
        default = pkgs.callPackage ./nix/dev-shell.nix { };
      });

      formatter = forAllSystems (pkgs: pkgs.callPackage ./nix/formatter.nix { });

      checks = forAllSystems (pkgs: import ./nix/checks.nix { inherit self nixpkgs pkgs; });

      templates.default = {
        path = ./nix/template;
        description = "NixOS configuration that indexes nixpkgs on a timer";
      };
    };
}

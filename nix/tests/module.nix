# The module's units as text, what it refuses, and the template, evaluated.
{
  self,
  nixpkgs,
  pkgs,
}:
let
  inherit (pkgs) lib;

  machine = {
    nixpkgs.hostPlatform = pkgs.stdenv.hostPlatform.system;
    boot.isContainer = true;
    system.stateVersion = "26.05";
  };
  evaluate =
    module:
    nixpkgs.lib.nixosSystem {
      modules = [
        # Twice, as two modules of a machine may import it.
        self.nixosModules.default
        self.nixosModules.default
        machine
        module
      ];
    };

  # The lines that the module is responsible for, with store paths reduced to what they are called.
  isOurs =
    line:
    line != ""
    && builtins.match ''Environment="(LOCALE_ARCHIVE|PATH|TZDIR)=.*|X-.*-Triggers=.*'' line == null;
  normalize =
    text:
    let
      parts = builtins.split "/nix/store/[0-9a-z]{32}-" (builtins.unsafeDiscardStringContext text);
      shortened = lib.concatMapStrings (
        part: if builtins.isString part then part else "/nix/store/-"
      ) parts;
      versioned =
        lib.replaceStrings [ "fdnix-indexer-${pkgs.fdnix-indexer.version}" ] [ "fdnix-indexer" ]
          shortened;
    in
    lib.concatMapStrings (line: line + "\n") (lib.filter isOurs (lib.splitString "\n" versioned));

  unitText = configuration: unit: normalize configuration.config.systemd.units.${unit}.text;

  # A difference shows when the flake is evaluated, without a build.
  snapshot =
    name: unit:
    let
      file = "${name}.${lib.last (lib.splitString "." unit)}";
      expected = lib.readFile (./units + "/${file}");
      actual = unitText (evaluate ./${name}.nix) unit;
      linesOnlyIn =
        text: other:
        lib.concatStringsSep "\n  " (
          lib.subtractLists (lib.splitString "\n" other) (lib.splitString "\n" text)
        );
    in
    pkgs.writeText "unit-${file}" (
      lib.throwIfNot (actual == expected) ''
        nix/tests/units/${file} is not what the module makes.
        expected alone:
          ${linesOnlyIn expected actual}
        made alone:
          ${linesOnlyIn actual expected}
      '' actual
    );

  assertions = import ./assertions.nix { inherit lib evaluate; };

  acceptsWrongType =
    (builtins.tryEval
      (evaluate {
        services.fdnix-indexer = {
          enable = true;
          settings.embedding.enabled = "perhaps";
        };
      }).config.services.fdnix-indexer.settings.embedding.enabled
    ).success;

  # Only the program itself knows that it has no such key.
  unknownKey = evaluate {
    services.fdnix-indexer = {
      enable = true;
      settings.s3.bukket = "x";
    };
  };
  checkedConfig =
    (import ../module/describe.nix {
      inherit lib pkgs;
      schema = lib.importJSON ../../config.schema.json;
    } null unknownKey.config.services.fdnix-indexer).configFile;

  template =
    ((import ../template/flake.nix).outputs {
      inherit nixpkgs;
      fdnix-indexer = self;
    }).nixosConfigurations.indexer;

  # What the README shows, word for word; tests/nix/docs.test.ts compares.
  readme =
    ((import ../../tests/fixtures/readme/flake.nix).outputs {
      inherit nixpkgs;
      fdnix-indexer = self;
    }).nixosConfigurations.indexer;

  # That it evaluates: building a whole system would prove nothing more about it.
  evaluates =
    name: configuration:
    pkgs.writeText name (
      builtins.unsafeDiscardStringContext configuration.config.system.build.toplevel.drvPath
    );
in
{
  module-minimal-service = snapshot "minimal" "fdnix-indexer.service";
  module-minimal-timer = snapshot "minimal" "fdnix-indexer.timer";
  module-full-service = snapshot "full" "fdnix-indexer.service";
  module-full-timer = snapshot "full" "fdnix-indexer.timer";
  module-instance-service = snapshot "instance" "fdnix-indexer-unstable.service";

  module-refuses = pkgs.writeText "module-refuses" (
    assert !acceptsWrongType;
    lib.concatStringsSep "\n" assertions
  );

  module-unknown-key =
    pkgs.runCommand "module-unknown-key"
      {
        failed = pkgs.testers.testBuildFailure checkedConfig;
      }
      ''
        grep -F bukket "$failed/testBuildFailure.log"
        touch "$out"
      '';

  template = evaluates "template" template;
  readme = evaluates "readme" readme;
}

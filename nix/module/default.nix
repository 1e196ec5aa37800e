self:
{
  config,
  lib,
  pkgs,
  utils,
  ...
}:
let
  format = pkgs.formats.json { };
  schema = lib.importJSON ../../config.schema.json;

  instanceOptions = import ./options.nix {
    inherit lib format schema;
    inherit (utils.systemdUtils.unitOptions) unitOption;
  };
  describe = import ./describe.nix { inherit lib pkgs schema; };
  toService = import ./service.nix { inherit lib; };
  toAssertions = import ./assertions.nix {
    inherit lib;
    nixEnabled = config.nix.enable;
  };

  toCollisions = import ./collisions.nix { inherit lib; };

  top = config.services.fdnix-indexer;
  indexers =
    lib.optional top.enable (describe null top)
    ++ lib.mapAttrsToList describe (lib.filterAttrs (_: cfg: cfg.enable) top.instances);

  forEach =
    indexers: f: lib.listToAttrs (map (indexer: lib.nameValuePair indexer.unit (f indexer)) indexers);
  withTimer = lib.filter (indexer: indexer.cfg.timerConfig != null) indexers;
  withMetrics = lib.filter (indexer: indexer.cfg.metricsDirectory != null) indexers;
in
{
  # Several modules of a machine may import this one.
  key = toString ./.;

  options.services.fdnix-indexer =
    instanceOptions {
      unit = "fdnix-indexer";
      package = self.packages.${pkgs.stdenv.hostPlatform.system}.indexer;
      packageText = "fdnix-indexer.packages.\${system}.indexer";
    }
    // {
      instances = lib.mkOption {
        type = lib.types.attrsOf (
          lib.types.submodule (
            { name, ... }:
            {
              options = instanceOptions {
                unit = "fdnix-indexer-${name}";
                inherit (top) package;
                packageText = "config.services.fdnix-indexer.package";
              };
              config.enable = lib.mkDefault true;
            }
          )
        );
        default = { };
        example = {
          unstable.settings.nixpkgs.ref = "nixos-unstable";
        };
        description = ''
          Further indexers beside the one that `services.fdnix-indexer` itself configures, each with its own unit
          `fdnix-indexer-NAME`, timer, state and cache. They inherit the package and no settings. NAME is part of the name of a user that systemd
          makes: letters, digits, `-` and `_`, unless `user` is set.
        '';
      };
    };

  config = lib.mkIf (indexers != [ ]) {
    assertions = lib.concatMap toAssertions indexers ++ toCollisions indexers;

    systemd.services = forEach indexers toService;

    systemd.timers = forEach withTimer (indexer: {
      description = "Index nixpkgs regularly (${indexer.unit})";
      wantedBy = [ "timers.target" ];
      inherit (indexer.cfg) timerConfig;
    });

    # Where only some users may talk to the Nix daemon.
    nix.settings.extra-allowed-users = map (indexer: indexer.user) (
      lib.filter (indexer: indexer.usesNix) indexers
    );

    users.groups = lib.mkIf (withMetrics != [ ]) { ${(lib.head withMetrics).metricsGroup} = { }; };
    systemd.tmpfiles.settings."10-fdnix-indexer" = lib.listToAttrs (
      map (
        indexer:
        lib.nameValuePair indexer.cfg.metricsDirectory {
          d = {
            mode = "0775";
            group = indexer.metricsGroup;
          };
        }
      ) withMetrics
    );
  };
}

# The options of one indexer: of services.fdnix-indexer itself, and of each further instance.
{
  lib,
  format,
  unitOption,
  schema,
}:
{
  # Name of the unit, and of its state and cache directories.
  unit,
  package,
  packageText,
}:
let
  inherit (lib) mkOption types;
  inherit (import ./settings.nix { inherit lib format; }) optionsOf;

  # Where the unit may write.
  here = lib.recursiveUpdate schema {
    properties.output.properties = {
      path.default = "/var/lib/${unit}/fdnix-data.lancedb";
      minifiedPath.default = "/var/lib/${unit}/fdnix.lancedb";
    };
  };
in
{
  enable = lib.mkEnableOption "indexing nixpkgs into a LanceDB dataset";

  package = mkOption {
    type = types.package;
    default = package;
    defaultText = lib.literalExpression packageText;
    description = "The fdnix-indexer to run.";
  };

  settings = mkOption {
    type = types.submodule {
      freeformType = format.type;
      options = optionsOf here;
    };
    default = { };
    example = {
      nixpkgs.ref = "nixos-unstable";
      s3 = {
        bucket = "my-search";
        dataKey = "fdnix-data.lancedb";
        minifiedKey = "fdnix.lancedb";
      };
    };
    description = ''
      The configuration, written to the world-readable store: no secrets. It is checked by the indexer itself when the
      system is built. Credentials belong into `credentials` or `environmentFile`.
    '';
  };

  configFile = mkOption {
    type = types.nullOr types.path;
    default = null;
    example = "/etc/fdnix/config.yaml";
    description = ''
      A configuration file to use instead of `settings`. It is not checked at build time, and paths in it outside of
      `/var/lib/${unit}` have to be named in `readWritePaths`.
    '';
  };

  timerConfig = mkOption {
    type = types.nullOr (types.attrsOf unitOption);
    default = {
      OnCalendar = "daily";
      RandomizedDelaySec = "30m";
      Persistent = true;
    };
    example = {
      OnCalendar = "*-*-* 00/6:00:00";
      Persistent = true;
    };
    description = "When to run, see {manpage}`systemd.timer(5)`; null for no timer.";
  };

  credentials = mkOption {
    type = types.attrsOf types.externalPath;
    default = { };
    example = {
      AWS_SHARED_CREDENTIALS_FILE = "/run/secrets/fdnix-aws";
    };
    description = ''
      Files with secrets by the name of the environment variable that is to hold their path. systemd hands them over
      with `LoadCredential`, so they may be readable by root alone.
    '';
  };

  environmentFile = mkOption {
    type = types.nullOr types.externalPath;
    default = null;
    example = "/run/secrets/fdnix.env";
    description = "File with further environment variables, such as `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.";
  };

  environment = mkOption {
    type = types.attrsOf types.str;
    default = { };
    example = {
      AWS_PROFILE = "search";
    };
    description = "Further environment variables; no secrets.";
  };

  user = mkOption {
    type = types.nullOr types.str;
    default = null;
    example = "search";
    description = ''
      An existing user to run as, so that other services of this machine can read the datasets as this user or its
      group. With null the unit has a user of its own that exists while it runs, and nobody else gets at its files.
    '';
  };

  memoryMax = mkOption {
    type = types.nullOr types.str;
    default = "80%";
    example = "12G";
    description = ''
      What the indexer and its evaluators may use together, as `MemoryMax` of {manpage}`systemd.resource-control(5)`.
      Workers are sized to fit. Null for no limit.
    '';
  };

  timeout = mkOption {
    type = types.str;
    default = "12h";
    description = "After how long a run is stopped; the next one goes on where it was. `infinity` for never.";
  };

  onFailure = mkOption {
    type = types.listOf types.str;
    default = [ ];
    example = [ "notify@%n.service" ];
    description = "Units to start when a run fails.";
  };

  readWritePaths = mkOption {
    type = types.listOf types.path;
    default = [ ];
    description = ''
      Directories beside the state and cache directories that the unit may write to. The directories of the paths in
      `settings.output` are among them already. All of them have to exist: systemd does not start the unit otherwise.
    '';
  };

  metricsDirectory = mkOption {
    type = types.nullOr types.externalPath;
    default = null;
    example = "/var/lib/node-exporter-textfile";
    description = ''
      Directory of node_exporter's textfile collector. It is created, and `${unit}.prom` written into it at the end of
      each run.
    '';
  };
}

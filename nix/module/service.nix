# The systemd service of one indexer.
{ lib }:
# An indexer as describe.nix makes it.
indexer:
let
  inherit (indexer) unit cfg;
  daemon = lib.optional indexer.usesNix "nix-daemon.socket";
in
{
  description = "Index nixpkgs into a LanceDB dataset (${unit})";
  wants = [ "network-online.target" ] ++ daemon;
  after = [ "network-online.target" ] ++ daemon;
  inherit (cfg) onFailure;

  # A switch of the system's generation does not end a run of hours; the next run takes the new version.
  restartIfChanged = false;

  environment = {
    HOME = "/var/lib/${unit}";
    XDG_CACHE_HOME = "/var/cache/${unit}";
  }
  // lib.optionalAttrs indexer.usesNix { NIX_REMOTE = "daemon"; }
  // lib.mapAttrs (name: _: "%d/${name}") cfg.credentials
  // cfg.environment;

  serviceConfig = {
    Type = "oneshot";
    ExecStart = "${lib.getExe cfg.package} run --config ${indexer.configFile}";
    # Stopped on request, with everything kept for the next run.
    SuccessExitStatus = "143 SIGTERM";
    TimeoutStartSec = cfg.timeout;
    # The indexer ends its own children; systemd ends what is left after the time-out.
    KillMode = "mixed";
    TimeoutStopSec = "2min";

    User = indexer.user;
    DynamicUser = cfg.user == null;
    SupplementaryGroups = lib.optional (cfg.metricsDirectory != null) indexer.metricsGroup;
    StateDirectory = unit;
    StateDirectoryMode = if cfg.user == null then "0700" else "0750";
    CacheDirectory = unit;
    CacheDirectoryMode = "0700";
    WorkingDirectory = "/var/lib/${unit}";
    ReadWritePaths = lib.unique (
      cfg.readWritePaths
      ++ lib.optional (cfg.metricsDirectory != null) cfg.metricsDirectory
      ++ map dirOf (lib.attrValues indexer.outside)
    );
    LoadCredential = lib.mapAttrsToList (name: path: "${name}:${path}") cfg.credentials;

    # What else runs here comes first.
    Nice = 19;
    IOSchedulingClass = "idle";
    OOMScoreAdjust = 500;
    # An evaluator that runs into MemoryMax is started again with less; systemd would stop the whole unit with it.
    OOMPolicy = "continue";
  }
  // lib.optionalAttrs (cfg.environmentFile != null) { EnvironmentFile = cfg.environmentFile; }
  // lib.optionalAttrs (cfg.memoryMax != null) { MemoryMax = cfg.memoryMax; }
  // import ./hardening.nix
  // {
    # Other users of this machine are to read the dataset where the user is not the unit's own.
    UMask = if cfg.user == null then "0077" else "0027";
  };
}

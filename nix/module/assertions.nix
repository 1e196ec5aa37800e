# What can be known to be wrong with one indexer before anything is built.
{ lib, nixEnabled }:
# An indexer as describe.nix makes it.
indexer:
let
  inherit (indexer) cfg option unit;
  inherit (cfg) settings;

  badCredentials = lib.filter (name: builtins.match "[A-Za-z_][A-Za-z0-9_]*" name == null) (
    lib.attrNames cfg.credentials
  );

  # The directory of a reference to a local tree, such as git+file:///srv/nixpkgs?ref=main; null for all others.
  localPath =
    url:
    let
      parts = if url == null then null else builtins.match "((git[+])?file://|path:)?(/[^?#]*).*" url;
    in
    if parts == null then null else builtins.elemAt parts 2;

  isReachable =
    path:
    lib.hasPrefix "/" path && builtins.match "/(home|root|run/user|tmp|var/tmp)(/.*)?" path == null;
  reachable = key: path: {
    assertion = isReachable path;
    message = "${option}.${key}: ${path} has to be an absolute path outside of home directories, /tmp and /var/tmp, which the unit cannot see.";
  };
  read = lib.optionalAttrs (cfg.configFile == null) {
    "nixpkgs.path" = settings.nixpkgs.path;
    "nixpkgs.url" = localPath settings.nixpkgs.url;
    "nixpkgs.references" = settings.nixpkgs.references;
    "nixpkgs.overlays" = settings.nixpkgs.overlays;
    "embedding.local.modelPath" = settings.embedding.local.modelPath;
    "cluster.overrides" = settings.cluster.overrides;
  };
  allReachable =
    key: paths: map (reachable "settings.${key}") (lib.filter (path: path != null) (lib.toList paths));

  isMetrics = path: cfg.metricsDirectory != null && dirOf path == cfg.metricsDirectory;
  owned = key: path: {
    assertion = cfg.user != null || isMetrics path;
    message = "${option}.settings.${key}: ${path} is outside of /var/lib/${unit}, where the unit's own user may write. Set `user` to one who may write there.";
  };
in
[
  {
    # systemd refuses longer names of users.
    assertion = lib.stringLength indexer.user <= 31;
    message = "${option}: ${indexer.user} is longer than the 31 characters that a user's name may have. Choose a shorter name for the instance, or set `user`.";
  }
  {
    # Nor names with anything but these, for users that it makes itself.
    assertion = cfg.user != null || builtins.match "[A-Za-z0-9_-]+" indexer.user != null;
    message = "${option}: systemd makes no user ${indexer.user}. Name the instance by letters, digits, - and _ alone, or set `user`.";
  }
  {
    assertion = badCredentials == [ ];
    message = "${option}.credentials: not the name of an environment variable: ${lib.concatStringsSep ", " badCredentials}";
  }
  {
    assertion = indexer.usesNix -> nixEnabled;
    message = "${option}: evaluating nixpkgs needs the Nix daemon. Set `nix.enable = true`, `settings.nixpkgs.source` to \"channel\" or \"jsonl\", or `settings.mode` to a phase that needs none.";
  }
  {
    assertion = cfg.metricsDirectory == null || cfg.configFile == null;
    message = "${option}.metricsDirectory has no effect beside configFile: set `metrics.textfile` in that file and name its directory in `readWritePaths`.";
  }
]
++ lib.optional (cfg.configFile != null) (reachable "configFile" indexer.configFile)
++ map (path: reachable "readWritePaths" (toString path)) cfg.readWritePaths
++ lib.mapAttrsToList (key: reachable "settings.${key}") indexer.written
++ lib.concatLists (lib.mapAttrsToList allReachable read)
++ lib.mapAttrsToList owned indexer.outside

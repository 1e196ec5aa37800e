# What the module's parts say without nixpkgs: `options` of the settings, `pruned` settings, and the `units` of a minimal
# and a full indexer as text. Evaluated by CI with a bare Nix: `nix eval --file nix/tests/pure.nix units`.
let
  lib = import ./lib.nix;
  schema = builtins.fromJSON (builtins.readFile ../../config.schema.json);
  settings = import ../module/settings.nix {
    inherit lib;
    format.type = "json";
  };

  package = {
    outPath = "/nix/store/-fdnix-indexer";
    meta.mainProgram = "fdnix-indexer";
  };
  minimal = {
    unit = "fdnix-indexer";
    user = "fdnix-indexer";
    configFile = "/nix/store/-fdnix-indexer.json";
    outside = { };
    usesNix = true;
    metricsGroup = "fdnix-metrics";
    cfg = {
      inherit package;
      onFailure = [ ];
      credentials = { };
      environment = { };
      environmentFile = null;
      user = null;
      memoryMax = "80%";
      timeout = "12h";
      readWritePaths = [ ];
      metricsDirectory = null;
    };
  };
  full = minimal // {
    user = "search";
    outside."output.path" = "/srv/search/fdnix-data.lancedb";
    cfg = minimal.cfg // {
      user = "search";
      onFailure = [ "notify@%n.service" ];
      credentials.AWS_SHARED_CREDENTIALS_FILE = "/run/secrets/fdnix-aws";
      environment.AWS_PROFILE = "search";
      environmentFile = "/run/secrets/fdnix.env";
      memoryMax = "12G";
      timeout = "6h";
      readWritePaths = [ "/srv/models" ];
      metricsDirectory = "/var/lib/node-exporter-textfile";
    };
  };

  # As NixOS writes units: a list is a line for each of its values.
  render =
    value:
    if value == true then
      "true"
    else if value == false then
      "false"
    else
      toString value;
  lines =
    section:
    lib.mapAttrsToList (name: value: map (v: "${name}=${render v}") (lib.toList value)) section;
  text =
    service:
    builtins.concatStringsSep "\n" (
      builtins.concatLists (
        [
          [ "[Service]" ]
          (lib.mapAttrsToList (name: value: "Environment=\"${name}=${value}\"") service.environment)
        ]
        ++ lib.optional (!service.restartIfChanged) [ "X-RestartIfChanged=false" ]
        ++ lines service.serviceConfig
      )
    )
    + "\n";
  unit = indexer: text (import ../module/service.nix { inherit lib; } indexer);
in
{
  options = settings.optionsOf schema;
  pruned = settings.prune schema {
    mode = "full";
    output.dependencyPath = null;
    fts = {
      stemmer = null;
      stopwords = "german";
    };
    unknown = null;
    nixpkgs.config.cudaSupport = null;
  };
  units = {
    minimal = unit minimal;
    full = unit full;
  };
  # The unit of a package that lies in a directory, with a credentials file for AWS, and a directory for metrics.
  unitOf =
    {
      directory,
      configFile,
      credentials,
      metricsDirectory,
    }:
    unit (
      minimal
      // {
        inherit configFile;
        cfg = minimal.cfg // {
          inherit metricsDirectory;
          package = package // {
            outPath = directory;
          };
          credentials.AWS_SHARED_CREDENTIALS_FILE = credentials;
        };
      }
    );
}

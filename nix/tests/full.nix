{
  users.users.search = {
    isSystemUser = true;
    group = "search";
  };
  users.groups.search = { };

  services.fdnix-indexer = {
    enable = true;
    user = "search";
    settings = {
      mode = "full";
      nixpkgs = {
        ref = "nixos-unstable";
        systems = [
          "x86_64-linux"
          "aarch64-linux"
        ];
        overlays = [ ./units/overlay.nix ];
        config.cudaSupport = true;
      };
      evaluation.workers = 4;
      output = {
        path = "/srv/search/fdnix-data.lancedb";
        minifiedPath = "/srv/search/fdnix.lancedb";
      };
      aws.region = "eu-central-1";
      s3 = {
        bucket = "my-search";
        dataKey = "fdnix-data.lancedb";
        minifiedKey = "fdnix.lancedb";
      };
      fts.stemmer = null;
    };
    timerConfig = {
      OnCalendar = "*-*-* 00/6:00:00";
      RandomizedDelaySec = "10m";
    };
    credentials.AWS_SHARED_CREDENTIALS_FILE = "/run/secrets/fdnix-aws";
    environmentFile = "/run/secrets/fdnix.env";
    environment.AWS_PROFILE = "search";
    memoryMax = "12G";
    timeout = "6h";
    onFailure = [ "notify@%n.service" ];
    readWritePaths = [ "/srv/models" ];
    metricsDirectory = "/var/lib/node-exporter-textfile";
  };
}

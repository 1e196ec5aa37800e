# What the image is made of besides the indexer, as plain data: it can be looked at, and rehearsed, without nixpkgs.
rec {
  uid = 1000;
  gid = 1000;
  user = "fdnix";

  passwd = "${user}:x:${toString uid}:${toString gid}:fdnix-indexer:/tmp:/bin/sh";
  group = "${user}:x:${toString gid}:";

  files = {
    # One user alone, in a container that is the sandbox.
    "etc/nix/nix.conf" = ''
      build-users-group =
      experimental-features = nix-command flakes
      sandbox = false
    '';
    "etc/fdnix/config.yaml" = ''
      output:
        path: /out/fdnix-data.lancedb
        minifiedPath: /out/fdnix.lancedb
    '';
  };

  # Nothing else is written to.
  volumes = [ "/out" ];

  env = {
    PATH = "/bin";
    HOME = "/tmp";
    USER = user;
    FDNIX_CONFIG = "/etc/fdnix/config.yaml";
    # Fetched trees and unfinished evaluations outlive the container where /out is a volume.
    XDG_CACHE_HOME = "/out/.cache";
    SSL_CERT_FILE = "/etc/ssl/certs/ca-bundle.crt";
  };

  entrypoint = [ "/bin/fdnix-indexer" ];
  cmd = [ "run" ];
}

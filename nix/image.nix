# The container image, streamed: `./result | docker load`. It holds what a run needs: the indexer with its evaluator,
# a Nix store that the image's user owns, certificates, and a configuration that writes to /out.
{
  lib,
  dockerTools,
  fakeNss,
  writeTextDir,
  fdnix-indexer,
  self,
}:
let
  uid = 1000;
  gid = 1000;
  user = "fdnix";

  users = fakeNss.override {
    extraPasswdLines = [ "${user}:x:${toString uid}:${toString gid}:fdnix-indexer:/tmp:/bin/sh" ];
    extraGroupLines = [ "${user}:x:${toString gid}:" ];
  };

  # One user alone, in a container that is the sandbox.
  nixConfig = writeTextDir "etc/nix/nix.conf" ''
    build-users-group =
    experimental-features = nix-command flakes
    sandbox = false
  '';

  configFile = writeTextDir "etc/fdnix/config.yaml" ''
    output:
      path: /out/fdnix-data.lancedb
      minifiedPath: /out/fdnix.lancedb
  '';
in
dockerTools.streamLayeredImage {
  name = "fdnix-indexer";
  tag = fdnix-indexer.version;

  contents = [
    fdnix-indexer
    users
    nixConfig
    configFile
    dockerTools.binSh
    dockerTools.caCertificates
  ];

  # Nix refuses paths that its database does not know.
  includeNixDB = true;
  inherit uid gid;
  uname = user;
  gname = user;
  fakeRootCommands = ''
    mkdir -p -m 1777 tmp
    mkdir -p -m 0755 out
    mkdir -p nix/store nix/var/nix
    chown -R ${toString uid}:${toString gid} out nix
  '';

  config = {
    Entrypoint = [ "/bin/fdnix-indexer" ];
    Cmd = [ "run" ];
    User = "${toString uid}:${toString gid}";
    WorkingDir = "/";
    Volumes."/out" = { };
    StopSignal = "SIGTERM";
    Env = [
      "PATH=/bin"
      "HOME=/tmp"
      "USER=${user}"
      "FDNIX_CONFIG=/etc/fdnix/config.yaml"
      # Fetched trees and unfinished evaluations outlive the container where /out is a volume.
      "XDG_CACHE_HOME=/out/.cache"
      "SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt"
    ];
    Labels = {
      "org.opencontainers.image.title" = "fdnix-indexer";
      "org.opencontainers.image.description" = fdnix-indexer.meta.description;
      "org.opencontainers.image.licenses" = fdnix-indexer.meta.license.spdxId;
      "org.opencontainers.image.version" = fdnix-indexer.version;
    }
    // lib.optionalAttrs (self ? rev) { "org.opencontainers.image.revision" = self.rev; };
  };

  meta = {
    description = "Container image of fdnix-indexer";
    platforms = lib.platforms.linux;
  };
}

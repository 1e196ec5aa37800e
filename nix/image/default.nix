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
  contents = import ./contents.nix;
  volumes = lib.concatMapStringsSep " " (volume: ".${volume}") contents.volumes;
  owner = "${toString contents.uid}:${toString contents.gid}";
in
dockerTools.streamLayeredImage {
  name = "fdnix-indexer";
  tag = fdnix-indexer.version;

  contents = [
    fdnix-indexer
    (fakeNss.override {
      extraPasswdLines = [ contents.passwd ];
      extraGroupLines = [ contents.group ];
    })
    dockerTools.binSh
    dockerTools.caCertificates
  ]
  ++ lib.mapAttrsToList writeTextDir contents.files;

  # Nix refuses paths that its database does not know.
  includeNixDB = true;
  inherit (contents) uid gid;
  uname = contents.user;
  gname = contents.user;
  fakeRootCommands = ''
    mkdir -p -m 1777 tmp
    mkdir -p ${volumes} nix/store nix/var/nix
    chown -R ${owner} ${volumes} nix
  '';

  config = {
    Entrypoint = contents.entrypoint;
    Cmd = contents.cmd;
    User = owner;
    WorkingDir = "/";
    Volumes = lib.genAttrs contents.volumes (_: { });
    StopSignal = "SIGTERM";
    Env = lib.mapAttrsToList (name: value: "${name}=${value}") contents.env;
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

# What the module's assertions say of a machine; nix/tests/refused.nix has more of them, without one.
{ lib, evaluate }:
let
  failedAssertions =
    module: map (a: a.message) (lib.filter (a: !a.assertion) (evaluate module).config.assertions);

  messagesOf =
    module:
    failedAssertions {
      services.fdnix-indexer = {
        enable = true;
      }
      // module;
    };
  accepts =
    name: module:
    let
      messages = messagesOf module;
    in
    lib.throwIfNot (messages == [ ]) "${name}: ${lib.concatStringsSep "; " messages}" name;
  refuses =
    name: module: pattern:
    let
      messages = messagesOf module;
    in
    lib.throwIfNot (lib.any (message: lib.hasInfix pattern message)
      messages
    ) "${name}: no assertion says «${pattern}»; there is: ${lib.concatStringsSep "; " messages}" name;

  # Both publish to the same key.
  twoIndexers =
    mode: otherMode:
    let
      s3 = {
        bucket = "b";
        minifiedKey = "m";
      };
    in
    {
      settings = {
        inherit mode s3;
      };
      instances.other.settings = {
        mode = otherMode;
        inherit s3;
      };
    };
in
[
  (refuses "relative-output" { settings.output.path = "data.lancedb"; } "absolute path")
  (refuses "home" { settings.nixpkgs.path = "/home/me/nixpkgs"; } "outside of home directories")
  (refuses "foreign-directory" { settings.output.path = "/srv/data.lancedb"; } "Set `user`")
  (refuses "credential" { credentials."aws-key" = "/run/secrets/aws"; } "environment variable")
  (refuses "metrics" {
    configFile = "/etc/fdnix/config.yaml";
    metricsDirectory = "/var/lib/metrics";
  } "no effect beside configFile")
  (refuses "same-key" (twoIndexers "both" "full") "are both s3://b/m: give each indexer its own")
  (accepts "phases" (twoIndexers "metadata" "minified"))
]

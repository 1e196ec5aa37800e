# Two indexers of one machine that write to the same place: each would replace what the other has made.
{ lib }:
# All indexers, as describe.nix makes them.
indexers:
let
  # What an indexer writes, by the key that says so. Runs may share what they have fetched.
  targets =
    { cfg, written, ... }:
    removeAttrs written [ "cache.path" ]
    // lib.optionalAttrs (cfg.configFile == null) (published cfg.settings);

  # Other stores may have a bucket of the same name, other regions a layer; an ARN names its region itself.
  published =
    {
      aws,
      s3,
      layer,
      ...
    }:
    let
      store = lib.defaultTo "s3:/" aws.endpoints.s3;
      isBare = layer.arn != null && !lib.hasPrefix "arn:" layer.arn;
      region = lib.optionalString (isBare && aws.region != null) " in ${aws.region}";
    in
    lib.concatMapAttrs
      (name: key: lib.optionalAttrs (key != null) { "s3.${name}" = "${store}/${s3.bucket}/${key}"; })
      (
        lib.optionalAttrs (s3.bucket != null) {
          inherit (s3) dataKey minifiedKey dependencyKey;
        }
      )
    // lib.optionalAttrs (layer.publish && layer.arn != null) { "layer.arn" = layer.arn + region; };

  # The phases of one index may be spread over several indexers.
  overlap =
    a: b:
    let
      all = mode: mode == "both" || mode == "full";
      modes = map (indexer: indexer.cfg.settings.mode) [
        a
        b
      ];
    in
    lib.any all modes || lib.length (lib.unique modes) == 1;

  claims = lib.concatMap (
    indexer: lib.mapAttrsToList (key: target: { inherit indexer key target; }) (targets indexer)
  ) indexers;

  collide =
    a: b: a.indexer.unit < b.indexer.unit && a.target == b.target && overlap a.indexer b.indexer;
  where = claim: "${claim.indexer.option}.settings.${claim.key}";
in
lib.concatMap (
  a:
  map (b: {
    assertion = false;
    message = "${where a} and ${where b} are both ${a.target}: give each indexer its own.";
  }) (lib.filter (collide a) claims)
) claims

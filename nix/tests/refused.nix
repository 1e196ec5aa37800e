# What the module says of wrong settings, without nixpkgs: the messages of the assertions that fail, by case.
let
  lib = import ./lib.nix;
  schema = builtins.fromJSON (builtins.readFile ../../config.schema.json);

  describe = import ../module/describe.nix {
    inherit lib schema;
    pkgs = {
      formats.json = _: {
        type = "json";
        generate = name: _settings: name;
      };
      stdenv = {
        buildPlatform.canExecute = _: true;
        hostPlatform = { };
      };
      runCommand =
        name: _attributes: _script:
        name;
    };
  };

  defaultsOf =
    group:
    builtins.mapAttrs (
      _: node: if node ? properties then defaultsOf node else node.default or null
    ) group.properties;

  # An indexer as the module's options make it.
  indexer =
    name: own:
    let
      unit = "fdnix-indexer" + lib.optionalString (name != null) "-${name}";
      defaults = lib.recursiveUpdate (defaultsOf schema) {
        output = {
          path = "/var/lib/${unit}/fdnix-data.lancedb";
          minifiedPath = "/var/lib/${unit}/fdnix.lancedb";
        };
      };
    in
    describe name (
      {
        package = "/nix/store/-fdnix-indexer";
        configFile = null;
        user = null;
        credentials = { };
        metricsDirectory = null;
        readWritePaths = [ ];
      }
      // own
      // {
        settings = lib.recursiveUpdate defaults (own.settings or { });
      }
    );

  messages =
    assertions:
    map (assertion: assertion.message) (builtins.filter (assertion: !assertion.assertion) assertions);

  assertionsOf =
    nixEnabled: name: own:
    messages (import ../module/assertions.nix { inherit lib nixEnabled; } (indexer name own));
  named = assertionsOf true;
  one = named null;
  withoutNix = assertionsOf false null;

  both =
    settings: otherSettings:
    messages (
      import ../module/collisions.nix { inherit lib; } [
        (indexer null { inherit settings; })
        (indexer "other" { settings = otherSettings; })
      ]
    );
  # Two that publish to the same key.
  two =
    let
      withMode = mode: {
        inherit mode;
        s3 = {
          bucket = "b";
          minifiedKey = "m";
        };
      };
    in
    mode: otherMode: both (withMode mode) (withMode otherMode);
  # The same key at one store and another, the same layer in one region and another.
  inStore = endpoint: {
    aws.endpoints.s3 = endpoint;
    s3 = {
      bucket = "b";
      dataKey = "d";
    };
  };
  inRegion = region: {
    aws = { inherit region; };
    layer = {
      publish = true;
      arn = "search";
    };
  };
in
{
  defaults = one { };
  private = one {
    user = "search";
    settings.output.path = "/tmp/data.lancedb";
  };
  url = one { settings.nixpkgs.url = "git+file:///home/me/nixpkgs?ref=main"; };
  localUrl = one { settings.nixpkgs.url = "path:/srv/nixpkgs"; };
  configFile = one { configFile = "/home/me/config.yaml"; };
  # Beside the machine's own configuration, wherever that lies: it is copied to the store.
  configFileHere = one { configFile = ./minimal.nix; };
  noNix = withoutNix { };
  noNixMinified = withoutNix { settings.mode = "minified"; };
  noNixChannel = withoutNix { settings.nixpkgs.source = "channel"; };
  readWrite = one { readWritePaths = [ "/home/me/out" ]; };
  dotted = named "26.05" { };
  dottedUser = named "26.05" { user = "search"; };
  underscored = named "26_05" { };
  model = one { settings.embedding.local.modelPath = "/root/model"; };
  foreignDataset = one { settings.embedding.datasetPath = "/srv/x.lancedb"; };
  ownCache = one { settings.cache.path = "/var/cache/fdnix-indexer/trees"; };
  sameKey = two "both" "full";
  samePhase = two "minified" "minified";
  otherPhase = two "metadata" "minified";
  sameStore = both (inStore "http://garage:3900") (inStore "http://garage:3900");
  otherStore = both (inStore "http://garage:3900") (inStore null);
  sameLayer = both (inRegion "eu-central-1") (inRegion "eu-central-1");
  otherRegion = both (inRegion "eu-central-1") (inRegion "us-east-1");
}

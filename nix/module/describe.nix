# What follows from the options of one indexer, for its unit and its assertions.
{
  lib,
  pkgs,
  schema,
}:
# Name of the instance, null for services.fdnix-indexer itself.
name: cfg:
let
  format = pkgs.formats.json { };
  inherit (import ./settings.nix { inherit lib format; }) prune;

  unit = if name == null then "fdnix-indexer" else "fdnix-indexer-${name}";
  ownSettings = cfg.configFile == null;

  settings = lib.recursiveUpdate cfg.settings (
    lib.optionalAttrs (cfg.metricsDirectory != null && cfg.settings.metrics.textfile == null) {
      metrics.textfile = "${cfg.metricsDirectory}/${unit}.prom";
    }
  );

  unchecked = format.generate "${unit}-unchecked.json" (prune schema settings);

  # The program that will read it says what is wrong with it, when the system is built; a builder of another platform
  # cannot run it.
  canCheck = pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform;
  checked =
    pkgs.runCommand "${unit}.json"
      {
        preferLocalBuild = true;
        nativeBuildInputs = [ cfg.package ];
      }
      ''
        ${lib.optionalString canCheck "fdnix-indexer config check --config ${unchecked}"}
        cp ${unchecked} "$out"
      '';

  written = lib.filterAttrs (_: path: path != null) (
    lib.optionalAttrs ownSettings {
      "output.path" = settings.output.path;
      "output.minifiedPath" = settings.output.minifiedPath;
      "output.dependencyPath" = settings.output.dependencyPath;
      "embedding.datasetPath" = settings.embedding.datasetPath;
      "cache.path" = settings.cache.path;
      "metrics.textfile" = settings.metrics.textfile;
    }
  );
  isOutside =
    path: !lib.hasPrefix "/var/lib/${unit}/" path && !lib.hasPrefix "/var/cache/${unit}/" path;
in
{
  inherit unit cfg written;
  /**
    Name of the options' set, for messages.
  */
  option = "services.fdnix-indexer" + lib.optionalString (name != null) ".instances.${name}";
  user = lib.defaultTo unit cfg.user;
  # A Nix path is copied to the store, where the unit sees it.
  configFile = if ownSettings then checked else "${cfg.configFile}";
  /**
    Files that the unit writes outside of its state directory, by the key that names them.
  */
  outside = lib.filterAttrs (_: isOutside) written;
  /**
    Whether it evaluates, which takes the Nix daemon; unknown files may ask for it.
  */
  usesNix =
    !ownSettings
    ||
      !lib.elem settings.mode [
        "embedding"
        "minified"
      ]
      && !lib.elem settings.nixpkgs.source [
        "channel"
        "jsonl"
      ];
  metricsGroup = "fdnix-metrics";
}

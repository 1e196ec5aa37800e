# The package set that nix-eval-jobs walks, for one request of src/evaluate/attempt.ts:
#
#   tree      path of a nixpkgs tree, or
#   flake     a locked flake reference, and `output`: auto, legacyPackages or packages
#   system    the system to evaluate for
#   config    nixpkgs config of the user, on top of what the index needs
#   overlays  files with an overlay or a list of overlays
#   skip      attribute paths that are known already, as a tree: true is a path, an attribute set goes deeper
#   only      the same, for the attribute paths that alone are wanted (null: all)
#   trace     announce each attribute path on stderr before it is evaluated
#   names     list attribute paths alone: every derivation becomes one that costs nothing
{
  tree ? null,
  flake ? null,
  output ? "auto",
  system,
  config ? { },
  overlays ? [ ],
  skip ? { },
  only ? null,
  trace ? false,
  names ? false,
}:
let
  inherit (builtins)
    attrNames
    attrValues
    concatMap
    filter
    functionArgs
    isAttrs
    isFunction
    isList
    mapAttrs
    pathExists
    removeAttrs
    ;

  # What the tree itself says is to be indexed: no aliases, and the package sets to recurse into.
  searchConfigFile = tree + "/pkgs/top-level/packages-config.nix";
  searchConfig =
    if pathExists searchConfigFile then import searchConfigFile else { allowAliases = false; };

  # Such packages are listed with their flags rather than missing.
  permissive = {
    allowUnfree = true;
    allowBroken = true;
    allowUnsupportedSystem = true;
    allowInsecurePredicate = _: true;
  };

  readOverlays =
    file:
    let
      value = import file;
    in
    if isList value then value else [ value ];

  fromTree = import tree {
    inherit system;
    config = searchConfig // permissive // config;
    overlays = concatMap readOverlays overlays;
  };

  outputs = builtins.getFlake flake;
  candidates =
    if output == "auto" then
      [
        "legacyPackages"
        "packages"
      ]
    else
      [ output ];
  found = filter (name: outputs ? ${name}.${system}) candidates;
  fromFlake =
    if found == [ ] then
      throw "fdnix: the flake has no ${builtins.concatStringsSep " and no " candidates} for ${system}"
    else
      outputs.${builtins.head found}.${system};

  packages = if flake == null then fromTree else fromFlake;

  isDerivation = value: isAttrs value && value.type or null == "derivation";
  recurses = value: isAttrs value && value.recurseForDerivations or false == true;

  # nix-eval-jobs calls what can be called with nothing, and walks what that returns.
  called =
    value:
    if isAttrs value && value ? __functor then
      called (value.__functor value)
    else if
      isFunction value
      && functionArgs value != { }
      && builtins.all (hasDefault: hasDefault) (attrValues (functionArgs value))
    then
      value { }
    else
      value;

  without =
    done: set:
    removeAttrs set (filter (name: done.${name} == true) (attrNames done))
    // mapAttrs (name: deeper: without deeper (called set.${name})) (
      removeAttrs done (filter (name: done.${name} == true || !(set ? ${name})) (attrNames done))
    );

  select =
    wanted: set:
    mapAttrs (
      name: deeper:
      if deeper == true then
        set.${name}
      else
        select deeper (called set.${name}) // { recurseForDerivations = true; }
    ) wanted;

  mapLeaves =
    path: visit: set:
    mapAttrs (
      name: value: if name == "recurseForDerivations" then value else visit (path ++ [ name ]) value
    ) set;

  announce = word: path: builtins.trace "fdnix-${word} ${builtins.toJSON path}";
  traced =
    path: callable:
    announce "begin" path (
      let
        value = called callable;
      in
      if isDerivation value then
        value
      else
        announce "end" path (if recurses value then mapLeaves path traced value else value)
    );

  stub = derivation {
    name = "stub";
    system = "none";
    builder = "none";
  };
  named =
    path: callable:
    let
      value = called callable;
    in
    if isDerivation value then
      stub
    else if recurses value then
      mapLeaves path named value
    else
      value;

  wanted = if only == null then packages else select only packages;
  remaining = if skip == { } then wanted else without skip wanted;
  listed = if names then mapLeaves [ ] named remaining else remaining;
in
if trace then mapLeaves [ ] traced listed else listed

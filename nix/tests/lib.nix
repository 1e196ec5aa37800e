# The few of nixpkgs' library functions that the module's pure parts use, so that they can be evaluated where there is no
# nixpkgs. Types become their names.
rec {
  elem = builtins.elem;
  head = builtins.head;
  isList = builtins.isList;
  mapAttrs = builtins.mapAttrs;
  attrValues = builtins.attrValues;
  filter = builtins.filter;
  concatStringsSep = builtins.concatStringsSep;
  any = builtins.any;
  attrNames = builtins.attrNames;
  concatLists = builtins.concatLists;
  concatMap = builtins.concatMap;
  length = builtins.length;
  stringLength = builtins.stringLength;

  defaultTo = default: value: if value == null then default else value;
  getExe = package: "${package}/bin/${package.meta.mainProgram}";
  concatMapAttrs =
    f: attrs: builtins.foldl' (all: name: all // f name attrs.${name}) { } (builtins.attrNames attrs);
  filterAttrs =
    keep: attrs: removeAttrs attrs (filter (name: !keep name attrs.${name}) (builtins.attrNames attrs));
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  mapAttrsToList = f: attrs: map (name: f name attrs.${name}) (builtins.attrNames attrs);
  optional = condition: value: if condition then [ value ] else [ ];
  optionalAttrs = condition: attrs: if condition then attrs else { };
  optionalString = condition: text: if condition then text else "";
  recursiveUpdate =
    old: new:
    old
    // builtins.mapAttrs (
      name: value:
      if builtins.isAttrs value && builtins.isAttrs (old.${name} or null) then
        recursiveUpdate old.${name} value
      else
        value
    ) new;
  remove = value: filter (other: other != value);
  toList = value: if isList value then value else [ value ];
  unique = builtins.foldl' (all: value: if elem value all then all else all ++ [ value ]) [ ];

  literalMD = text: { inherit text; };
  mkOption = option: option;

  types = {
    bool = "bool";
    int = "int";
    str = "str";
    nonEmptyStr = "nonEmptyStr";
    path = "path";
    enum = values: { enum = values; };
    nullOr = type: { nullOr = type; };
    listOf = type: { listOf = type; };
    attrsOf = type: { attrsOf = type; };
    oneOf = types: if builtins.length types == 1 then head types else { oneOf = types; };
    coercedTo =
      _from: _f: type:
      type;
    submodule = module: { submodule = module.options; };
    ints.between = low: high: {
      ints = [
        low
        high
      ];
    };
    number = "number";
    numbers.between = low: high: {
      numbers = [
        low
        high
      ];
    };
  };
}

# Module options from config.schema.json, so that the option docs are the configuration's docs.
{
  lib,
  # pkgs.formats.json { }
  format,
}:
let
  inherit (lib) types;

  typesOf = schema: lib.toList (schema.type or [ ]);

  isGroup = schema: schema ? properties;

  # Strings that name files also take Nix paths, which are copied to the store.
  namesFile = name: builtins.match ".*[pP]ath|overlays|overrides|references" name != null;

  stringType =
    name: schema:
    let
      # "^auto$": one word beside another type.
      word = builtins.match "\\^([A-Za-z]+)\\$" (schema.pattern or "");
    in
    if word != null then
      types.enum word
    else if namesFile name then
      types.coercedTo types.path (path: "${path}") types.str
    else if schema.minLength or 0 > 0 then
      types.nonEmptyStr
    else
      types.str;

  between =
    number: schema:
    if schema ? minimum && schema ? maximum then number.between schema.minimum schema.maximum else null;

  simpleType = name: schema: {
    boolean = types.bool;
    integer = lib.defaultTo types.int (between types.ints schema);
    number = lib.defaultTo types.number (between types.numbers schema);
    string = stringType name schema;
    array = types.listOf (typeOf name (schema.items or { }));
    object =
      if builtins.isAttrs (schema.additionalProperties or true) then
        types.attrsOf (typeOf name schema.additionalProperties)
      else
        types.attrsOf format.type;
  };

  orNull = nullable: type: if nullable then types.nullOr type else type;

  typeOf =
    name: schema:
    if isGroup schema then
      groupType schema
    else if schema ? enum then
      orNull (lib.elem null schema.enum) (types.enum (lib.remove null schema.enum))
    else if typesOf schema == [ ] then
      format.type
    else
      orNull (lib.elem "null" (typesOf schema)) (
        types.oneOf (map (type: (simpleType name schema).${type}) (lib.remove "null" (typesOf schema)))
      );

  groupType =
    schema:
    types.submodule {
      freeformType = format.type;
      options = optionsOf schema;
    };

  optionOf =
    name: schema:
    lib.mkOption (
      {
        type = typeOf name schema;
        description = schema.description or "";
        default = schema.default or (if isGroup schema then { } else null);
      }
      // lib.optionalAttrs (schema ? x-default) {
        defaultText = lib.literalMD schema.x-default;
      }
      // lib.optionalAttrs (schema ? examples) {
        example = lib.head schema.examples;
      }
    );

  optionsOf = schema: lib.mapAttrs optionOf schema.properties;

  # A null is written only where it says something: where the key's default is another value.
  prune =
    schema: value:
    lib.concatMapAttrs (
      name: item:
      let
        isKnown = schema.properties ? ${name};
        known = schema.properties.${name} or { };
      in
      # Unknown keys stay, for the program to name them.
      if item == null && isKnown && known.default or null == null then
        { }
      else
        {
          ${name} = if builtins.isAttrs item && isGroup known then prune known item else item;
        }
    ) value;
in
{
  /**
    The options of a schema's properties.
  */
  inherit optionsOf;
  /**
    The settings as they go into the configuration file.
  */
  inherit prune;
}

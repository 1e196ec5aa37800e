# What the index wants to know of a derivation beyond its metadata, without instantiating it. nix-eval-jobs applies this
# to every derivation and prints the result as `extraValue`; src/model.ts has its type (RawExtraValue).
drv:
let
  inherit (builtins)
    attrNames
    concatMap
    filter
    getContext
    isAttrs
    isList
    isString
    match
    tryEval
    unsafeDiscardStringContext
    ;

  # The value, or the default where it does not evaluate.
  attempt =
    default: value:
    let
      tried = tryEval value;
    in
    if tried.success then tried.value else default;

  text = value: attempt null (if isString value && value != "" then value else null);

  # The paths of the derivations that an input stands for: it may be a nested list, or a string that mentions outputs.
  pathsOf =
    input:
    if isAttrs input && input.type or null == "derivation" then
      [ (unsafeDiscardStringContext input.drvPath) ]
    else if isList input then
      inputs input
    else if isString input then
      filter (path: match ".*[.]drv" path != null) (attrNames (getContext input))
    else
      [ ];
  # tryEval looks no further than the list: what is in it is forced within.
  forced = value: builtins.deepSeq value value;
  inputs =
    list:
    concatMap (input: attempt [ ] (forced (pathsOf input))) (
      attempt [ ] (if isList list then list else [ ])
    );

  source = attempt { } (if isAttrs (drv.src or null) then drv.src else { });
in
{
  pname = text (drv.pname or null);
  version = text (drv.version or null);
  buildInputs = inputs (drv.buildInputs or [ ]);
  nativeBuildInputs = inputs (drv.nativeBuildInputs or [ ]);
  propagatedBuildInputs = inputs (drv.propagatedBuildInputs or [ ]);
  propagatedNativeBuildInputs = inputs (drv.propagatedNativeBuildInputs or [ ]);
  repository = text (source.gitRepoUrl or null);
}

# `nix fmt`: Nix files alone; everything else is formatted by `npm run format`.
{
  nixfmt-tree,
  deadnix,
}:
nixfmt-tree.override {
  runtimeInputs = [ deadnix ];
  settings.formatter.deadnix = {
    command = "deadnix";
    options = [ "--edit" ];
    includes = [ "*.nix" ];
  };
}

# package-lock.json names no registry, and importNpmLock fetches only entries that carry `resolved`. This adds it to every
# tarball that one platform installs; npm skips optional packages that are left without.
{
  # Address of the registry, without a trailing slash.
  registry,
  # What npm calls the platform: { os = "linux"; cpu = "x64"; libc = "glibc"; }; libc is null where there is none.
  platform,
}:
let
  inherit (builtins)
    all
    any
    baseNameOf
    elem
    elemAt
    filter
    isString
    length
    mapAttrs
    match
    split
    substring
    ;

  # npm's rule for `os`, `cpu` and `libc`: "!x" excludes x; where plain names are given, one of them must match.
  admits =
    value: names:
    let
      positive = filter (name: substring 0 1 name != "!") names;
    in
    !(elem "!${toString value}" names) && (positive == [ ] || any (name: name == value) positive);

  isWanted =
    entry:
    all (field: !(entry ? ${field}) || admits platform.${field} entry.${field}) [
      "os"
      "cpu"
      "libc"
    ];

  # "node_modules/a/node_modules/@scope/b" → "@scope/b"
  nameOf =
    path: entry:
    let
      parts = filter isString (split "node_modules/" path);
    in
    entry.name or (elemAt parts (length parts - 1));

  # Build metadata ("+…") is no part of a tarball's name.
  tarballVersion = version: elemAt (match "([^+]*)([+].*)?" version) 0;

  tarball =
    path: entry:
    let
      name = nameOf path entry;
    in
    "${registry}/${name}/-/${baseNameOf name}-${tarballVersion entry.version}.tgz";

  # Bundled packages travel inside their parent's tarball: they have no integrity of their own.
  isFetched =
    entry: entry ? integrity && !(entry ? resolved) && !(entry.inBundle or false) && isWanted entry;

  resolve =
    path: entry: if isFetched entry then entry // { resolved = tarball path entry; } else entry;
in
lock: lock // { packages = mapAttrs resolve lock.packages; }

/**
 * Splits a derivation name by the rule of Nix's `builtins.parseDrvName`: the version starts behind the first dash that
 * is followed by anything but a letter.
 */
export function splitName(name: string): { pname: string; version: string | null } {
  const dash = name.search(/-[^a-zA-Z]/);
  if (dash < 0) return { pname: name, version: null };
  return { pname: name.slice(0, dash), version: name.slice(dash + 1) };
}

/** The name in a derivation's store path: `/nix/store/<hash>-hello-2.12.drv` is `hello-2.12`. */
export function nameOfDrvPath(drvPath: string): string {
  const base = drvPath.slice(drvPath.lastIndexOf('/') + 1).replace(/\.drv$/, '');
  return /^[0-9a-z]{32}-/.test(base) ? base.slice(33) : base;
}

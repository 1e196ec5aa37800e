const knownRoots = /(?:^|\/)((?:pkgs|nixos|maintainers|lib|doc|ci)\/.*)$/;

/**
 * Where a package is defined, relative to nixpkgs and with its line: `pkgs/by-name/ri/ripgrep/package.nix:64`.
 * `treePath` is the evaluated tree's own path, for trees outside the store. Null where nothing was recorded.
 */
export function relativePosition(position: string | null | undefined, treePath?: string): string | null {
  if (position === null || position === undefined || position === '') return null;
  if (treePath !== undefined && position.startsWith(`${treePath}/`)) return position.slice(treePath.length + 1);
  const inStore = /^\/nix\/store\/[^/]+\/(.+)$/.exec(position);
  return inStore?.[1] ?? knownRoots.exec(position)?.[1] ?? position;
}

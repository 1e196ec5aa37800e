interface Pattern {
  cpu?: { family?: string; bits?: number; name?: string };
  kernel?: { name?: string; families?: Record<string, unknown> };
  abi?: { name?: string };
}

// A few hundred in all of nixpkgs.
const shared = new Map<string, readonly string[]>();
const mostShared = 4096;

/**
 * The platforms of `meta.platforms` as strings: systems as they stand, patterns (`lib.platforms.…` as attribute sets)
 * as `cpu-kernel` or `cpu-kernel-abi` with `*` for what a pattern leaves open: `riscv64-linux`, `*-*-gnueabihf`.
 * Equal lists are mostly one and the same, frozen: dozens of names a package are the largest part of what is known of it.
 */
export function platformNames(platforms: readonly unknown[] | null | undefined): readonly string[] {
  const names: string[] = [];
  for (const platform of platforms ?? []) {
    if (typeof platform === 'string') names.push(platform);
    else if (typeof platform === 'object' && platform !== null) names.push(patternName(platform));
  }
  return sharedNames(names);
}

function sharedNames(names: readonly string[]): readonly string[] {
  const key = names.join('\n');
  const before = shared.get(key);
  if (before?.length === names.length) return before;
  if (before !== undefined || shared.size === mostShared) return names;
  const frozen = Object.freeze(names);
  shared.set(key, frozen);
  return frozen;
}

function patternName(pattern: Pattern): string {
  const { cpu, kernel, abi } = pattern;
  const cpuName = cpu?.name ?? `${cpu?.family ?? '*'}${cpu?.bits ?? ''}`;
  const kernelName = kernel?.name ?? Object.keys(kernel?.families ?? {})[0] ?? '*';
  return abi?.name === undefined ? `${cpuName}-${kernelName}` : `${cpuName}-${kernelName}-${abi.name}`;
}

interface Pattern {
  cpu?: { family?: string; bits?: number; name?: string };
  kernel?: { name?: string; families?: Record<string, unknown> };
  abi?: { name?: string };
}

/**
 * The platforms of `meta.platforms` as strings: systems as they stand, patterns (`lib.platforms.…` as attribute sets)
 * as `cpu-kernel` or `cpu-kernel-abi` with `*` for what a pattern leaves open: `riscv64-linux`, `*-*-gnueabihf`.
 */
export function platformNames(platforms: readonly unknown[] | null | undefined): string[] {
  const names: string[] = [];
  for (const platform of platforms ?? []) {
    if (typeof platform === 'string') names.push(platform);
    else if (typeof platform === 'object' && platform !== null) names.push(patternName(platform));
  }
  return names;
}

function patternName(pattern: Pattern): string {
  const { cpu, kernel, abi } = pattern;
  const cpuName = cpu?.name ?? `${cpu?.family ?? '*'}${cpu?.bits ?? ''}`;
  const kernelName = kernel?.name ?? Object.keys(kernel?.families ?? {})[0] ?? '*';
  return abi?.name === undefined ? `${cpuName}-${kernelName}` : `${cpuName}-${kernelName}-${abi.name}`;
}

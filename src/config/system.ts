const architectures: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i686', ppc64: 'powerpc64le' };

/** This machine's system, as Nix calls it. */
export function thisSystem(): string {
  return `${architectures[process.arch] ?? process.arch}-${process.platform === 'win32' ? 'windows' : process.platform}`;
}

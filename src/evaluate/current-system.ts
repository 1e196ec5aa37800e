import { arch, platform } from 'node:process';

const processors: Partial<Record<NodeJS.Architecture, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i686' };

/** This machine's system as Nix calls it, such as `x86_64-linux`. */
export function currentSystem(): string {
  return `${processors[arch] ?? arch}-${platform}`;
}

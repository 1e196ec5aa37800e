import { createHash } from 'node:crypto';

const alphabet = '0123456789abcdfghijklmnpqrsvwxyz';

/** 32 characters of Nix's base 32 alphabet that follow from the seed alone. */
export function storeHash(seed: string): string {
  const bytes = [...createHash('sha256').update(seed).digest()];
  return bytes.map((byte) => alphabet[byte % alphabet.length]).join('');
}

/** A number from 0 up to and without 1 that follows from the seed alone. */
export function seededFraction(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE(0) / 2 ** 32;
}

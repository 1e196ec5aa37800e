import { hash } from 'node:crypto';

/** A list of texts as a column holds it. */
export interface SharedList {
  /** UTF-8, one text behind the other. */
  bytes: Uint8Array;
  /** Where each text ends in it. */
  ends: Int32Array;
  /** SHA-256 (hex) of the list. */
  digest: string;
}

const known = new WeakMap<readonly string[], SharedList>();

/** What a frozen list of texts comes to, worked out once however many rows share it. */
export function sharedList(list: readonly string[]): SharedList {
  let shared = known.get(list);
  if (shared === undefined) known.set(list, (shared = encoded(list)));
  return shared;
}

function encoded(list: readonly string[]): SharedList {
  let end = 0;
  const ends = Int32Array.from(list, (text) => (end += Buffer.byteLength(text)));
  return { bytes: Buffer.from(list.join('')), ends, digest: hash('sha256', JSON.stringify(list)) };
}

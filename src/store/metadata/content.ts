import { hash } from 'node:crypto';
import { HashList } from '../growable.ts';
import type { Collected } from './collect.ts';
import { availabilityOf } from './places.ts';
import type { Previous } from './previous.ts';

/** What tells whether a row is another one than before: a hash of what was evaluated for it, and when that last changed. */
export interface Content {
  rowHashes: HashList;
  /** Milliseconds since 1970. */
  lastUpdated: Float64Array;
}

/** Hashes every row and compares it with the dataset before. */
export function contentOf({ packages, systems }: Collected, previous: Previous | null, now: Date): Content {
  const availabilityAt = availabilityOf(packages.length, systems);
  const rowHashes = new HashList(16);
  const lastUpdated = new Float64Array(packages.length);
  for (let row = 0; row < packages.length; row += 1) {
    const text = packages.declaredHashOf(row) + JSON.stringify(availabilityAt(row));
    const rowHash = hash('sha256', text).slice(0, 32);
    const before = previous?.packages.get(packages.idOf(row));
    rowHashes.push(rowHash);
    lastUpdated[row] = (before?.rowHash === rowHash ? before.lastUpdated : now).getTime();
  }
  return { rowHashes, lastUpdated };
}

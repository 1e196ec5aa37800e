import { hash } from 'node:crypto';
import { HashList, none } from '../growable.ts';
import type { Collected } from './collect.ts';
import { placesOf, type Place } from './places.ts';
import type { Previous } from './previous.ts';

/** What tells whether a row is another one than before: a hash of what was evaluated for it, and when that last changed. */
export interface Content {
  rowHashes: HashList;
  /** Milliseconds since 1970. */
  lastUpdated: Float64Array;
}

/** Hashes every row and compares it with the dataset before. */
export function contentOf({ packages, systems }: Collected, previous: Previous | null, now: Date): Content {
  const places = placesOf(packages.length, systems);
  const rowHashes = new HashList(16);
  const lastUpdated = new Float64Array(packages.length);
  for (let row = 0; row < packages.length; row += 1) {
    const rowHash = hash('sha256', packages.declaredHashOf(row) + availabilityText(places, row)).slice(0, 32);
    const before = previous?.packages.get(packages.idOf(row));
    rowHashes.push(rowHash);
    lastUpdated[row] = (before?.rowHash === rowHash ? before.lastUpdated : now).getTime();
  }
  return { rowHashes, lastUpdated };
}

/** All that a row's availability says, as one text. */
function availabilityText(places: readonly Place[], row: number): string {
  let text = '';
  for (const { facts, indexOf } of places) {
    const index = indexOf[row] ?? none;
    if (index !== none) text += `\n${facts.system}\t${facts.drvPathOf(index)}\t${facts.flags.at(index)}`;
  }
  return text;
}

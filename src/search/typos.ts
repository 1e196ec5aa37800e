import type { Catalog, NameColumn } from './catalog.ts';
import { knobs } from './knobs.ts';

/** A name that a word may have been meant for: rows that have it, and the letters that differ. */
export interface Correction {
  name: string;
  rows: number[];
  distance: number;
}

/** How many letters of a word may be wrong. */
export function allowedTypos(word: string): number {
  if (word.length < knobs.typoMinLength || word.length > knobs.typoMaxLength) return 0;
  return word.length < knobs.typoTwoFrom ? 1 : 2;
}

/** Names (pnames, last parts of attribute paths, main programs) within the allowed distance of a word, the nearest first. */
export function corrections(catalog: Catalog, word: string): Correction[] {
  const limit = allowedTypos(word);
  if (limit === 0) return [];
  const found = new Map<string, Correction>();
  for (const column of [catalog.names, catalog.paths, catalog.programs]) {
    nearNames(column, word, limit, (row, name, distance) => {
      const known = found.get(name);
      if (known === undefined) found.set(name, { name, rows: [row], distance });
      else known.rows.push(row);
    });
  }
  return [...found.values()].toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
}

function nearNames(
  { lower, starts, leaves }: NameColumn,
  word: string,
  limit: number,
  onName: (row: number, name: string, distance: number) => void,
): void {
  const letters = lettersOf(word, 0, word.length);
  for (let row = 0; row + 1 < starts.length; row += 1) {
    const end = starts[row + 1] ?? 0;
    const start = leaves[row] ?? 0;
    if (Math.abs(end - start - word.length) > limit) continue;
    // A changed letter changes two bits, an inserted or a lost one one.
    if (bitCount(letters ^ lettersOf(lower, start, end)) > 2 * limit) continue;
    const name = lower.slice(start, end);
    const distance = editDistance(word, name, limit);
    if (distance <= limit) onName(row, name, distance);
  }
}

/** The letters and digits of a text as bits. */
function lettersOf(text: string, start: number, end: number): number {
  let bits = 0;
  for (let index = start; index < end; index += 1) bits |= 1 << (text.charCodeAt(index) & 31);
  return bits;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** Letters inserted, lost, changed or swapped with their neighbour; `limit + 1` where it is more than `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) row.push(cheapest(a, b, i, j, before, last, row));
    if (Math.min(...row) > limit) return limit + 1;
    [before, last] = [last, row];
  }
  return last[b.length] ?? limit + 1;
}

function cheapest(a: string, b: string, i: number, j: number, before: number[], last: number[], row: number[]): number {
  const change = a[i - 1] === b[j - 1] ? 0 : 1;
  const cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + change);
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(cost, (before[j - 2] ?? 0) + 1) : cost;
}

/** Slips of the fingers, and how far one word is from another. */
import { seededFraction } from '../../scripts/store-hash.ts';

const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1234567890'];

function neighbour(letter: string, fraction: number): string {
  const row = rows.find((keys) => keys.includes(letter));
  if (!row) return letter;
  const at = row.indexOf(letter);
  const near = [row[at - 1], row[at + 1]].filter((key) => key !== undefined);
  return near[Math.floor(fraction * near.length)] ?? letter;
}

/** The word with one slip that the seed decides: a letter left out, doubled, swapped with the next, or its neighbour's key hit. */
export function misspell(word: string, seed: string): string {
  const fraction = (what: string) => seededFraction(`${seed}:${what}`);
  // People rarely miss the first letter.
  const at = 1 + Math.floor(fraction('place') * (word.length - 2));
  const [before, letter, after] = [word.slice(0, at), word.charAt(at), word.slice(at + 1)];
  const slip = Math.floor(fraction('slip') * 4);
  if (slip === 0) return before + after;
  if (slip === 1) return before + letter + letter + after;
  if (slip === 2) return before + after.charAt(0) + letter + after.slice(1);
  return before + neighbour(letter, fraction('key')) + after;
}

/** Edits (insert, delete, replace, swap neighbours) between two words, or `limit + 1` where there are more than `limit`. */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let twoAgo: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const replaced = (previous[j - 1] ?? 0) + (same ? 0 : 1);
      let best = Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (twoAgo[j - 2] ?? 0) + 1);
      current.push(best);
    }
    if (Math.min(...current) > limit) return limit + 1;
    twoAgo = previous;
    previous = current;
  }
  return previous[b.length] ?? limit + 1;
}

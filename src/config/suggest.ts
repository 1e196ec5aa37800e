import { leavesOf } from './schema.ts';

/** The candidates that are close enough to a word to be what was meant, nearest first. */
export function closest(word: string, candidates: Iterable<string>, limit = 1): string[] {
  if (word.length > 100) return [];
  const plain = squash(word);
  return [...candidates]
    .map((candidate) => ({ candidate, distance: distanceBetween(plain, squash(candidate)) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 4)))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** What to do about a key that does not exist: the key that was meant, or that secrets have no place here. */
export function adviceFor(key: string): string {
  const found = suggestKeys(key);
  if (found.length > 0) return `; did you mean ${found.join(' or ')}?`;
  if (/secret|password|credential|access_?key|session_?token|^aws\.profile$/i.test(key)) {
    return "; credentials have no place in the configuration: the AWS SDK's own chain finds them (environment, profile, role)";
  }
  return '; `fdnix-indexer config init` prints all keys';
}

function suggestKeys(key: string): string[] {
  const leaves = leavesOf();
  const byVariable = leaves.filter(({ node }) => node['x-environment']?.includes(key));
  if (byVariable.length > 0) return byVariable.map((leaf) => leaf.key);
  const whole = closest(
    key,
    leaves.map((leaf) => leaf.key),
  );
  if (whole.length > 0) return whole;
  const section = closest(key, new Set(leaves.flatMap((leaf) => sectionsAbove(leaf.key))));
  if (section.length > 0) return section;
  const last = lastName(key);
  return leaves
    .filter((leaf) => squash(lastName(leaf.key)) === squash(last))
    .map((leaf) => leaf.key)
    .slice(0, 3);
}

/** `embedding` and `embedding.bedrock` for `embedding.bedrock.mode`. */
function sectionsAbove(key: string): string[] {
  const names = key.split('.').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('.'));
}

function lastName(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

function squash(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Edits (insert, delete, replace, swap neighbours) from one text to the other. */
function distanceBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, at(beforeLast, column - 2) + 1);
      current.push(best);
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, b.length);
}

function at(row: number[], index: number): number {
  return row[index] ?? Number.MAX_SAFE_INTEGER;
}

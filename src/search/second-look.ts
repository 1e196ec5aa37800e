import { knobs } from './knobs.ts';
import type { Query } from './query.ts';

/** Words after which a description says what something is for, and no longer what it is. */
const turning = new Set([
  'for',
  'to',
  'that',
  'which',
  'with',
  'using',
  'via',
  'from',
  'in',
  'on',
  'of',
  'by',
  'written',
  'based',
]);

/** Points for a description that has a query's words side by side, and before it turns to what the thing is for. */
export function secondLook(query: Query, description: string): { phrase: number; subject: number } {
  const words = description
    .toLowerCase()
    .split(/[^\p{L}\p{N}+#]+/u)
    .filter((word) => word !== '');
  const turn = words.findIndex((word, index) => index > 0 && turning.has(word));
  const subjects = turn === -1 ? words : words.slice(0, turn);
  const asked = query.terms.map((term) => term.word);
  const places = asked.map((word) => words.findIndex((other) => sameWord(word, other)));
  const inSubject = asked.filter((word) => subjects.some((other) => sameWord(word, other))).length;
  const pairs = places.slice(1).filter((place, index) => place > 0 && place === (places[index] ?? -2) + 1).length;
  return {
    phrase: asked.length < 2 ? 0 : (knobs.phrase * pairs) / (asked.length - 1),
    subject: (knobs.subject * inSubject) / Math.max(asked.length, 1),
  };
}

/** The same word but for an ending: `servers`, `server`. */
function sameWord(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length > 2 && long.length - short.length <= 2 && long.startsWith(short);
}

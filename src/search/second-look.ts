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

/** What package sets are called beside what they are of. */
const setWords = new Set(['packages', 'plugins', 'extensions']);

/** What a description says of a query beyond its words being there. */
export interface SecondLook {
  /** Points. */
  phrase: number;
  subject: number;
  /** For each term whether the description has it, or another word for it, as it was typed and not as another form of it. */
  literal: boolean[];
}

/**
 * Points for a package whose path or description has a query's words side by side, and before the description turns to what the
 * thing is for.
 */
export function secondLook(query: Query, path: string, description: string): SecondLook {
  const names = wordsOf(path.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')).filter((word) => !setWords.has(word));
  const words = wordsOf(description);
  const turn = words.findIndex((word, index) => index > 0 && turning.has(word));
  const subjects = turn === -1 ? words : words.slice(0, turn);
  const looks = query.wordings.map(({ words: asked, share }) => {
    const inSubject = asked.filter((word) => subjects.some((other) => sameWord(word, other))).length;
    const pairs = Math.max(pairsIn(asked, names), pairsIn(asked, words));
    return {
      phrase: asked.length < 2 ? 0 : (share * knobs.phrase * pairs) / (asked.length - 1),
      subject: (share * knobs.subject * inSubject) / Math.max(asked.length, 1),
    };
  });
  const best = looks.reduce((most, look) => (look.phrase + look.subject > most.phrase + most.subject ? look : most), {
    phrase: 0,
    subject: 0,
  });
  return { ...best, literal: query.terms.map((_, term) => isLiteral(query, term, words)) };
}

function isLiteral({ terms, alternatives, compounds }: Query, term: number, words: string[]): boolean {
  const others = [
    ...alternatives.filter((other) => other.terms.includes(term)).map((other) => other.words),
    ...compounds.filter((other) => other.terms.includes(term)).map(({ word }) => word),
  ];
  const wanted = [...(terms[term]?.words ?? []), ...others].flatMap(wordsOf);
  return wanted.some((word) => words.some((other) => sameWord(word, other)));
}

/** How many neighbours of a query stand side by side in a text. */
function pairsIn(asked: string[], words: string[]): number {
  const places = asked.map((word) => words.findIndex((other) => sameWord(word, other)));
  return places.slice(1).filter((place, index) => place > 0 && place === (places[index] ?? -2) + 1).length;
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}+#]+/u)
    .filter((word) => word !== '');
}

/** The same word but for an ending: `servers`, `server`. */
function sameWord(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length > 2 && long.length - short.length <= 2 && long.startsWith(short);
}

import { aliases } from './aliases.ts';
import { knobs } from './knobs.ts';
import { otherWordsFor, respelled, weakWords } from './thesaurus.ts';

/** One word of a query, with the spellings under which names may have it. */
export interface Term {
  /** As it was typed, in lower case. */
  word: string;
  /** What names are searched for: itself, without punctuation, and other spellings that are in use. */
  forms: string[];
  /** What descriptions are searched for: itself and other spellings, each of which may be several words. */
  words: string[];
  /** Names of packages that are called so as well. */
  aliasOf: string[];
  /** Whether it says little of what is looked for: `simple`, `tool`. */
  weak: boolean;
  /** Whether it is a word for which there are others, and so hardly the beginning of a name. */
  known: boolean;
}

/** A query taken apart. */
export interface Query {
  text: string;
  terms: Term[];
  /** Neighbouring words written as one: `webserver` for `web server`, with the numbers of its terms. */
  compounds: { word: string; terms: number[] }[];
  /** Other words for some of its terms, by number: `movie` for video, `media player` for video player. */
  alternatives: { words: string; terms: number[] }[];
  /** The query's words, and the same with other words for some of them: how much each is worth. */
  wordings: { words: string[]; share: number }[];
}

/** Takes a query apart. Anything is a query; one without letters, digits or signs that names have gives no terms. */
export function parseQuery(text: string): Query {
  const folded = text.normalize('NFKC').toLowerCase().slice(0, knobs.maxQueryLength).trim().replaceAll(/\s+/g, ' ');
  const words = [...new Set(folded.split(/[\s,;:!?()[\]{}<>"'`|\\]+/))].map(trimmed).filter((word) => word !== '');
  const terms = words.slice(0, knobs.maxTerms).map(termOf);
  const joinable = terms.map((term) => term.word);
  const alternatives = alternativesOf(joinable);
  return {
    text: folded,
    terms,
    compounds: joinable.slice(1).map((word, index) => ({
      word: `${joinable[index]}${word}`,
      terms: [index, index + 1],
    })),
    alternatives,
    wordings: [{ words: joinable, share: 1 }, ...alternatives.map((other) => reworded(joinable, other))],
  };
}

function reworded(words: string[], { words: others, terms }: Query['alternatives'][number]) {
  const kept = (from: number, to?: number) => words.slice(from, to);
  const first = terms[0] ?? 0;
  const changed = [...kept(0, first), ...others.split(/[ -]/), ...kept(first + terms.length)];
  return { words: changed, share: knobs.synonym };
}

/** Other words for each run of one to three words. */
function alternativesOf(words: string[]): Query['alternatives'] {
  return words.flatMap((_, start) =>
    [1, 2, 3]
      .filter((length) => start + length <= words.length)
      .flatMap((length) => {
        const terms = Array.from({ length }, (__, offset) => start + offset);
        return otherWordsFor(words.slice(start, start + length).join(' ')).map((other) => ({ words: other, terms }));
      }),
  );
}

/** Without punctuation at its ends, but for signs that belong to names: `c++`, `c#`, `.net`. */
function trimmed(word: string): string {
  return word.replace(/^[^\p{L}\p{N}.@]+/u, '').replace(/[^\p{L}\p{N}+#]+$/u, '');
}

function termOf(word: string): Term {
  const plain = word.replaceAll(/[^\p{L}\p{N}]/gu, '');
  const others = respelled.get(word) ?? [];
  const forms = [...new Set([word, plain, ...others])].filter((form) => form.length > 1 || form === word);
  return {
    word,
    forms,
    words: [word, ...others],
    aliasOf: aliases.get(word) ?? [],
    weak: weakWords.has(word),
    known: otherWordsFor(word).length > 0,
  };
}

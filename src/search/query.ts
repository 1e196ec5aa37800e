import { knobs, respelled, synonymsOf } from './knobs.ts';

/** One word of a query, with the spellings under which names may have it. */
export interface Term {
  /** As it was typed, in lower case. */
  word: string;
  /** What names are searched for: itself, without punctuation, and other spellings that are in use. */
  forms: string[];
  /** What descriptions are searched for: itself and other spellings, each of which may be several words. */
  words: string[];
  /** Other words for the same thing. */
  synonyms: string[];
}

/** A query taken apart. */
export interface Query {
  text: string;
  terms: Term[];
  /** Neighbouring words written as one: `webserver` for `web server`, with the numbers of its terms. */
  compounds: { word: string; phrase: string; terms: [number, number] }[];
}

/** Takes a query apart. Anything is a query; one without letters, digits or signs that names have gives no terms. */
export function parseQuery(text: string): Query {
  const folded = text.normalize('NFKC').toLowerCase().slice(0, knobs.maxQueryLength).trim().replaceAll(/\s+/g, ' ');
  const words = [...new Set(folded.split(/[\s,;:!?()[\]{}<>"'`|\\]+/))].map(trimmed).filter((word) => word !== '');
  const terms = words.slice(0, knobs.maxTerms).map(termOf);
  const joinable = terms.map((term) => term.word);
  return {
    text: folded,
    terms,
    compounds: joinable.slice(1).map((word, index) => ({
      word: `${joinable[index]}${word}`,
      phrase: `${joinable[index]} ${word}`,
      terms: [index, index + 1],
    })),
  };
}

/** Without punctuation at its ends, but for signs that belong to names: `c++`, `c#`, `.net`. */
function trimmed(word: string): string {
  return word.replace(/^[^\p{L}\p{N}.@]+/u, '').replace(/[^\p{L}\p{N}+#]+$/u, '');
}

function termOf(word: string): Term {
  const plain = word.replaceAll(/[^\p{L}\p{N}]/gu, '');
  const others = respelled.get(word) ?? [];
  const forms = [...new Set([word, plain, ...others])].filter((form) => form.length > 1 || form === word);
  return { word, forms, words: [word, ...others], synonyms: synonymsOf.get(word) ?? [] };
}

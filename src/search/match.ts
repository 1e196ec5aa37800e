import type { Matches, SearchTable } from '../store/search-table.ts';
import { createBoard, markName, markText, touch } from './board.ts';
import type { Board } from './board.ts';
import { textAt } from '../store/text-column.ts';
import type { Catalog } from './catalog.ts';
import { knobs } from './knobs.ts';
import { leafIs, matchNames, nameMatches, wholeName } from './names.ts';
import type { NameMatch } from './names.ts';
import type { Query, Term } from './query.ts';
import { allowedTypos, corrections } from './typos.ts';

/** Finds everything that a query matches: in names, in descriptions, by other words and spellings, by typos. */
export async function matchQuery(table: SearchTable, catalog: Catalog, query: Query): Promise<Board> {
  const board = createBoard(catalog, query.terms.length);
  const lookups = lookupsOf(query);
  const once = rememberMatches(table);
  const found = Promise.all(lookups.map(({ words, column }) => matchText(once, words, column)));
  for (const [index, term] of query.terms.entries()) matchTerm(catalog, board, index, term);
  matchWhole(catalog, board, query);
  for (const [index, all] of (await found).entries()) {
    const { words, terms, column, share } = lookups[index] ?? { words: '', terms: [], column: '', share: 0 };
    const matches = /[+#]/.test(words) ? withSigns(catalog, all, words) : all;
    for (const term of terms) {
      if (column === 'description') markMatches(board, term, matches, share);
      else for (const row of matches.rows) markText(board, term, row, knobs.longDescription * share);
    }
  }
  await correct(table, catalog, board, query);
  return board;
}

/** A word to look for in a column, for the terms that it satisfies, and how much of a match it is. */
interface Lookup {
  words: string;
  column: 'description' | 'long_description';
  terms: number[];
  share: number;
}

function lookupsOf(query: Query): Lookup[] {
  const lookups: Lookup[] = [];
  for (const [index, term] of query.terms.entries()) {
    const terms = [index];
    for (const words of term.words) {
      lookups.push(
        { words, column: 'description', terms, share: 1 },
        { words, column: 'long_description', terms, share: 1 },
      );
    }
  }
  for (const { word, terms } of query.compounds) lookups.push({ words: word, column: 'description', terms, share: 1 });
  for (const { words, terms } of query.alternatives) {
    lookups.push({ words, column: 'description', terms, share: knobs.synonym });
  }
  return lookups;
}

/** Looks for a word once, in however many expressions of a query it is. */
function rememberMatches(table: SearchTable): SearchTable['match'] {
  const known = new Map<string, Promise<Matches>>();
  return (word, column) => {
    const key = `${column} ${word}`;
    const found = known.get(key) ?? table.match(word, column);
    known.set(key, found);
    return found;
  };
}

/** The rows that contain every part of a word (`file-system`), with the sum of the parts' scores. */
async function matchText(match: SearchTable['match'], words: string, column: string): Promise<Matches> {
  // LanceDB's own AND passes over parts that it has never seen.
  const parts = words.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '');
  const [first, ...others] = await Promise.all(parts.map((part) => match(part, column)));
  if (first === undefined) return { rows: new Uint32Array(), scores: new Float32Array() };
  return others.reduce(intersection, first);
}

/** The matches whose descriptions have a word with its signs: the full-text index takes `c++` for `c`. */
function withSigns({ descriptions }: Catalog, { rows, scores }: Matches, word: string): Matches {
  const kept = [...rows.keys()].filter((index) =>
    textAt(descriptions, rows[index] ?? 0)
      .toLowerCase()
      .includes(word),
  );
  return {
    rows: Uint32Array.from(kept, (index) => rows[index] ?? 0),
    scores: Float32Array.from(kept, (index) => scores[index] ?? 0),
  };
}

function intersection(a: Matches, b: Matches): Matches {
  const scores = new Map<number, number>();
  for (const [index, row] of b.rows.entries()) scores.set(row, b.scores[index] ?? 0);
  const kept = [...a.rows.keys()].filter((index) => scores.has(a.rows[index] ?? -1));
  return {
    rows: Uint32Array.from(kept, (index) => a.rows[index] ?? 0),
    scores: Float32Array.from(kept, (index) => (a.scores[index] ?? 0) + (scores.get(a.rows[index] ?? -1) ?? 0)),
  };
}

function matchTerm(catalog: Catalog, board: Board, index: number, term: Term): void {
  for (const name of term.aliasOf) matchAlias(catalog, board, index, name);
  for (const form of term.forms) {
    // A single letter is in every other name.
    if (form.length === 1) matchLetter(catalog, board, index, form);
    else matchNames(catalog, form, (row, strength, how) => markName(board, index, row, strength, how));
  }
}

/** Marks the packages that a word is another name for, as if it were a program of theirs. */
function matchAlias(catalog: Catalog, board: Board, index: number, name: string): void {
  matchNames(catalog, name, (row, _, how) => {
    if (how === 'path' || how === 'name' || how === 'nested name')
      markName(board, index, row, knobs.name.program, 'program');
  });
}

function matchLetter({ paths }: Catalog, board: Board, index: number, letter: string): void {
  for (const [row, leaf] of paths.leaves.entries()) {
    if (paths.starts[row + 1] !== leaf + 1 || paths.lower[leaf] !== letter) continue;
    const nested = leaf !== paths.starts[row];
    markName(board, index, row, nested ? knobs.name.nested : knobs.name.exact, nested ? 'nested name' : 'path');
  }
}

/** A query of several words that is one name: `google chrome`. Such a name has every word in it. */
function matchWhole(catalog: Catalog, board: Board, query: Query): void {
  if (query.terms.length < 2) return;
  const joined = query.terms
    .map((term) => term.word)
    .join('')
    .replaceAll(/[-_.+ ]/g, '');
  const named = new Set(
    board.touched.filter((row) => board.terms.every((marks) => (marks.name[row] ?? 0) > knobs.name.set / 2)),
  );
  // Words too short to be looked for inside of names.
  if (query.terms.some((term) => term.word.length < knobs.minInfix)) {
    matchNames(catalog, joined, (row, _, how) => {
      if (how !== 'set' && how !== 'infix') named.add(row);
    });
  }
  for (const { words, share } of query.wordings.slice(1)) matchReworded(catalog, board, words.join(''), share);
  for (const row of named) {
    const whole = wholeName(catalog, row, joined) ?? memberOfSet(catalog, board, query, row);
    if (whole === null) continue;
    touch(board, row);
    board.whole.set(row, whole);
  }
}

/** A name that other words for the query make: `awscli` for `aws command line`. */
function matchReworded(catalog: Catalog, board: Board, joined: string, share: number): void {
  if (joined.length > knobs.longestReworded) return;
  matchNames(catalog, joined, (row, strength, how) => {
    if (how !== 'path' && how !== 'name' && how !== 'program') return;
    touch(board, row);
    board.whole.set(row, { strength: share * strength, how: 'name' });
  });
}

/** A query that names a package set and all of a member's name: `python requests`. */
function memberOfSet(
  catalog: Catalog,
  board: Board,
  query: Query,
  row: number,
): { strength: number; how: NameMatch } | null {
  const inSet = board.terms.map((marks) => marks.how[row] === nameMatches.indexOf('set'));
  if (!inSet.includes(true)) return null;
  const rest = query.terms
    .filter((_, index) => !inSet[index])
    .map((term) => term.word)
    .join('');
  return leafIs(catalog, row, rest) ? { strength: knobs.name.exact, how: 'nested name' } : null;
}

/** Full-text scores, of which only the proportions mean something, to how much of a term they satisfy. */
function markMatches(board: Board, term: number, { rows, scores }: Matches, share = 1): void {
  const [least = 0, most = 0] = knobs.description;
  const top = scores.reduce((a, b) => Math.max(a, b), 0);
  for (const [index, row] of rows.entries()) {
    markText(board, term, row, share * (least + ((most - least) * (scores[index] ?? 0)) / top));
  }
}

/** Tries other letters for terms that are found hardly anywhere. */
async function correct(table: SearchTable, catalog: Catalog, board: Board, query: Query): Promise<void> {
  for (const [index, term] of query.terms.entries()) {
    const marks = board.terms[index];
    if (marks === undefined || allowedTypos(term.word) === 0) continue;
    const well = board.touched.filter((row) => (marks.name[row] ?? 0) > knobs.name.set || (marks.text[row] ?? 0) > 0);
    if (well.length >= knobs.typoWhenFewer) continue;
    for (const { rows, distance } of corrections(catalog, term.word)) {
      const strength = (knobs.typo - knobs.typoStep * (distance - 1)) * (well.length > 0 ? knobs.typoBesideOthers : 1);
      for (const row of rows) markName(board, index, row, strength, 'typo');
    }
    // LanceDB's fuzzy search takes names for bytes: other scripts make it panic.
    if (!/^[a-z\d]+$/.test(term.word)) continue;
    const fuzzy = await table.match(term.word, 'description', allowedTypos(term.word));
    markMatches(board, index, fuzzy, knobs.typo);
  }
}

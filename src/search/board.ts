import type { Catalog } from './catalog.ts';
import { nameMatches } from './names.ts';
import type { NameMatch } from './names.ts';

/** For one term, how much of it each row satisfies, and by what. */
export interface TermBoard {
  name: Float32Array;
  /** Index in `nameMatches`. */
  how: Uint8Array;
  /** The share of a match that is kept, by how it matched. */
  parts: Float32Array;
  text: Float32Array;
}

/** The marks of a query: which rows were touched, and how well each term matches them. */
export interface Board {
  terms: TermBoard[];
  /** The row numbers that any term matched, each once. */
  touched: number[];
  isTouched: Uint8Array;
  /** Rows that the whole query names: how well (0 to 1), and by what. */
  whole: Map<number, { strength: number; how: NameMatch }>;
  /** Nearness of meaning, 0 to 1, where there is a vector. */
  meaning: Map<number, number>;
}

export function createBoard(catalog: Catalog, terms: number): Board {
  return {
    terms: Array.from({ length: terms }, () => ({
      name: new Float32Array(catalog.rows),
      how: new Uint8Array(catalog.rows),
      parts: new Float32Array(nameMatches.length).fill(1),
      text: new Float32Array(catalog.rows),
    })),
    touched: [],
    isTouched: new Uint8Array(catalog.rows),
    whole: new Map(),
    meaning: new Map(),
  };
}

export function touch(board: Board, row: number): void {
  if (board.isTouched[row] === 1) return;
  board.isTouched[row] = 1;
  board.touched.push(row);
}

/** Marks a match in a name; the best one counts. */
export function markName(board: Board, term: number, row: number, strength: number, how: NameMatch): void {
  const marks = board.terms[term];
  if (marks === undefined) return;
  touch(board, row);
  if ((marks.name[row] ?? 0) >= strength) return;
  marks.name[row] = strength;
  marks.how[row] = nameMatches.indexOf(how);
}

/** Marks a match in a description. */
export function markText(board: Board, term: number, row: number, strength: number): void {
  const marks = board.terms[term];
  if (marks === undefined) return;
  touch(board, row);
  marks.text[row] = Math.max(marks.text[row] ?? 0, strength);
}

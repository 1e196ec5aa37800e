import type { Board, TermBoard } from './board.ts';
import type { Catalog } from './catalog.ts';
import { knobs } from './knobs.ts';
import { nameMatches } from './names.ts';
import type { NameMatch } from './names.ts';
import type { Query } from './query.ts';

const inside = (['infix', 'prefix'] as const).map(indexOf);
const partly = (['infix', 'prefix', 'word', 'first word', 'last word'] as const).map(indexOf);
const [set, nested, name, path] = (['set', 'nested name', 'name', 'path'] as const).map(indexOf) as [
  number,
  number,
  number,
  number,
];

function indexOf(how: NameMatch): number {
  return nameMatches.indexOf(how);
}

/** How a row's points come about. */
export interface Score {
  points: number;
  relevance: number;
  exact: number;
  popularity: number;
  prior: number;
}

/** Sets what is kept of matches in parts of names, term by term. */
export function weighParts(board: Board, query: Query): void {
  for (const [index, marks] of board.terms.entries()) {
    let texts = 0;
    for (const row of board.touched) texts += (marks.text[row] ?? 0) > knobs.longDescription ? 1 : 0;
    marks.parts.fill(1);
    if (texts > knobs.generic) for (const how of partly) marks.parts[how] = knobs.partOfGeneric;
    if (query.terms[index]?.known)
      for (const how of inside) marks.parts[how] = (marks.parts[how] ?? 1) * knobs.partOfKnown;
  }
}

/** The weight of each term: rare ones say more. They sum up to 1. */
export function termWeights(catalog: Catalog, board: Board, query: Query): number[] {
  const weights = board.terms.map((marks, index) => {
    let rows = 0;
    for (const row of board.touched) rows += (marks.name[row] ?? 0) > 0 || (marks.text[row] ?? 0) > 0 ? 1 : 0;
    const share = query.terms[index]?.weak ? knobs.weakWord : 1;
    return share * Math.log(1 + catalog.rows / (1 + rows));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** The points of a row that was touched. */
export function scoreOf(catalog: Catalog, board: Board, weights: number[], row: number): Score {
  const match = matchOf(catalog, board, weights, row);
  const relevance = knobs.relevance * match;
  const exact = isExactPath(board, row) ? knobs.exactTopLevel : 0;
  const share = knobs.popularityFloor + (1 - knobs.popularityFloor) * match;
  const popularity = (catalog.popularity[catalog.clusterOf[row] ?? 0] ?? 0) * share;
  const prior = (catalog.prior[row] ?? 0) + (isSetNamed(board, row) ? knobs.nested : 0);
  return { points: relevance + exact + popularity + prior, relevance, exact, popularity, prior };
}

/** How much of the query a row satisfies, 0 to 1: by its words, as a whole, by meaning. */
function matchOf(catalog: Catalog, board: Board, weights: number[], row: number): number {
  const whole = board.whole.get(row)?.strength ?? 0;
  const satisfied = Math.max(whole, wordsOf(catalog, board, weights, row));
  const meaning = board.meaning.get(row) ?? 0;
  const share = board.terms.length > 1 ? knobs.vector : knobs.vectorOfOneWord;
  return satisfied + (1 - satisfied) * share * meaning;
}

/** How much of the query's words a row satisfies, each by its weight. */
function wordsOf(catalog: Catalog, board: Board, weights: number[], row: number): number {
  const inSet = isSetNamed(board, row);
  const shareOf = board.terms.length > 1 && !inSet ? shareAmongWords : () => 1;
  let matched = 0;
  let covered = 0;
  for (const [index, marks] of board.terms.entries()) {
    const named = inSet && marks.how[row] === set;
    const byName = named ? knobs.setAmongWords : shareOf(marks.how[row] ?? 0) * nameOf(catalog, marks, row);
    const text = marks.text[row] ?? 0;
    if (byName === 0 && text === 0) continue;
    covered += weights[index] ?? 0;
    const [best, other] = byName > text ? [byName, text] : [text, byName];
    matched += (weights[index] ?? 0) * (best + knobs.both * (1 - best) * other);
  }
  return matched * (knobs.missingWords + (1 - knobs.missingWords) * covered);
}

function shareAmongWords(how: number): number {
  return how === path || how === name ? 1 : knobs.nameAmongWords;
}

/** How much of a term a row's name satisfies; a member of a package set more, the more it is used. */
function nameOf({ use }: Catalog, marks: TermBoard, row: number): number {
  const how = marks.how[row] ?? 0;
  const strength = (marks.name[row] ?? 0) * (marks.parts[how] ?? 1);
  if (how !== nested) return strength;
  return Math.max(strength, Math.min(knobs.name.exact, strength + knobs.name.nestedUse * (use[row] ?? 0)));
}

/** Points that words are worth which a row's description has in another form alone. */
export function stemmedLoss(board: Board, weights: number[], row: number, literal: boolean[]): number {
  const lost = board.terms.map((marks, index) => {
    const text = marks.text[row] ?? 0;
    if (literal[index] || text <= knobs.longDescription) return 0;
    return (weights[index] ?? 0) * Math.max(0, text - (marks.name[row] ?? 0));
  });
  return knobs.relevance * (1 - knobs.stemmed) * lost.reduce((sum, value) => sum + value, 0);
}

/** Whether a term names the row's package set: then its members are what is looked for. */
function isSetNamed(board: Board, row: number): boolean {
  return board.terms.length > 1 && board.terms.some((marks) => marks.how[row] === set);
}

/** Whether the query is the row's very attribute path. */
function isExactPath(board: Board, row: number): boolean {
  const [first] = board.terms;
  if (board.terms.length === 1 && first !== undefined) return first.how[row] === path;
  return board.whole.get(row)?.how === 'path';
}

/** What matched a row, term by term, for `--explain`. */
export function matchesOf(
  board: Board,
  weights: number[],
  row: number,
): { name: NameMatch; text: number; weight: number }[] {
  return board.terms.map((marks, index) => ({
    name: (marks.name[row] ?? 0) > 0 ? (nameMatches[marks.how[row] ?? 0] ?? 'none') : 'none',
    text: marks.text[row] ?? 0,
    weight: weights[index] ?? 0,
  }));
}

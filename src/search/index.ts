import { performance } from 'node:perf_hooks';
import type { SearchTable } from '../store/search-table.ts';
import { touch } from './board.ts';
import type { Board } from './board.ts';
import { textAt } from '../store/text-column.ts';
import { loadCatalog, numberAt } from './catalog.ts';
import type { Catalog } from './catalog.ts';
import { conditionOf } from './filter.ts';
import type { Filters } from './filter.ts';
import { fold, topOf } from './fold.ts';
import type { Candidate } from './fold.ts';
import { knobs } from './knobs.ts';
import { matchQuery } from './match.ts';
import { parseQuery } from './query.ts';
import type { Query } from './query.ts';
import { matchesOf, scoreOf, stemmedLoss, termWeights, weighParts } from './score.ts';
import { secondLook } from './second-look.ts';

export interface SearchOptions {
  limit: number;
  offset?: number;
  filters?: Filters;
  /** The query's vector, where the dataset has vectors of the same model. */
  vector?: number[] | null;
  nprobes?: number;
  refineFactor?: number;
  explain?: boolean;
}

export interface Hit {
  attribute_path: string;
  package_name: string;
  version: string | null;
  description: string | null;
  main_program: string | null;
  cluster_id: string;
  score: number;
  broken: boolean;
  insecure: boolean;
  unfree: boolean;
  available: boolean;
  /** The other attribute paths of the package. */
  variants: { attribute_path: string; version: string | null }[];
  /** Where its score came from, where that was asked for. */
  explanation?: Explanation;
}

export interface Explanation {
  /** Points: they sum up to the score. */
  points: Record<'relevance' | 'exact' | 'popularity' | 'prior' | 'phrase' | 'subject' | 'form', number>;
  /** For each word how it matched: in names, in the description (0 to 1), and its weight. */
  terms: { word: string; name: string; text: number; weight: number }[];
  whole: string | null;
  meaning: number | null;
}

export interface SearchResult {
  query: string;
  /** All hits there are, on whatever page. */
  total: number;
  offset: number;
  hits: Hit[];
  milliseconds: number;
}

export interface Search {
  catalog: Catalog;
  search: (text: string, options: SearchOptions) => Promise<SearchResult>;
}

/** Opens a table for searching: reads names and popularity once, so that each query takes milliseconds. */
export async function openSearch(table: SearchTable): Promise<Search> {
  const catalog = await loadCatalog(table);
  return { catalog, search: (text, options) => search(table, catalog, text, options) };
}

async function search(
  table: SearchTable,
  catalog: Catalog,
  text: string,
  options: SearchOptions,
): Promise<SearchResult> {
  const started = performance.now();
  const query = parseQuery(text);
  const allowed = await allowedRows(table, options.filters ?? {});
  const board = await matchQuery(table, catalog, query);
  await markMeaning(table, board, options);
  weighParts(board, query);
  const weights = termWeights(catalog, board, query);
  const rows = allowed === null ? board.touched : restrict(board, allowed, catalog.rows);
  const found = fold(catalog, rows, (row) => scoreOf(catalog, board, weights, row).points);
  const offset = options.offset ?? 0;
  const ranked = lookAgain(
    catalog,
    { query, board, weights },
    topOf(catalog, found, Math.max(offset + options.limit, knobs.lookedAt)),
  );
  const permitted = allowed === null ? null : new Set(allowed);
  const hits = ranked.slice(offset, offset + options.limit).map((candidate) => {
    const hit = hitOf(catalog, candidate, permitted);
    if (options.explain) hit.explanation = explain(catalog, query, board, weights, candidate.row);
    return hit;
  });
  return { query: text, total: found.length, offset, hits, milliseconds: performance.now() - started };
}

/** The rows that meet the filters, or null where there are none. */
async function allowedRows(table: SearchTable, filters: Filters): Promise<Uint32Array | null> {
  const { where, tests } = conditionOf(filters, table.columns);
  return where === null && tests.length === 0 ? null : table.filter(where, tests);
}

/** Marks how near rows are in meaning: from 1, the nearest, to 0, the last of the candidates, whatever the model's distances are like. */
async function markMeaning(table: SearchTable, board: Board, options: SearchOptions): Promise<void> {
  if (!options.vector) return;
  const { nprobes = 20, refineFactor = 10, filters = {} } = options;
  const { where } = conditionOf(filters, table.columns);
  const limit = knobs.vectorCandidates;
  const { rows, scores } = await table.nearest(options.vector, { limit, nprobes, refineFactor, where });
  const [least, most] = [scores[0] ?? 0, scores.at(-1) ?? 0];
  for (const [index, row] of rows.entries()) {
    touch(board, row);
    board.meaning.set(row, most === least ? 1 : (most - (scores[index] ?? most)) / (most - least));
  }
}

function restrict(board: Board, allowed: Uint32Array, rows: number): number[] {
  const mask = new Uint8Array(rows);
  for (const row of allowed) mask[row] = 1;
  return board.touched.filter((row) => mask[row] === 1);
}

/** A query as it is ranked: what it matched, and how much each of its words weighs. */
interface Ranked {
  query: Query;
  board: Board;
  weights: number[];
}

/** Orders the first candidates anew by what their descriptions say. */
function lookAgain(catalog: Catalog, ranked: Ranked, candidates: Candidate[]): Candidate[] {
  const first = candidates.slice(0, knobs.lookedAt);
  for (const candidate of first) {
    const { phrase, subject, form } = secondPoints(catalog, ranked, candidate.row);
    candidate.points += phrase + subject + form;
  }
  return [...topOf(catalog, first, first.length), ...candidates.slice(knobs.lookedAt)];
}

/** Points for what a row's path and description say beyond having the words; those for words in another form are negative. */
function secondPoints(catalog: Catalog, { query, board, weights }: Ranked, row: number) {
  const { literal, ...points } = secondLook(query, textAt(catalog.paths, row), textAt(catalog.descriptions, row));
  return { ...points, form: -stemmedLoss(board, weights, row, literal) };
}

function hitOf(catalog: Catalog, { cluster, row, points }: Candidate, permitted: Set<number> | null): Hit {
  const members = catalog.members.subarray(catalog.memberStarts[cluster], catalog.memberStarts[cluster + 1]);
  const others = [...members].filter((member) => member !== row && (permitted?.has(member) ?? true));
  return {
    attribute_path: textAt(catalog.paths, row),
    package_name: textAt(catalog.names, row),
    version: textAt(catalog.versions, row) || null,
    description: textAt(catalog.descriptions, row) || null,
    main_program: textAt(catalog.programs, row) || null,
    cluster_id: catalog.clusterIds[cluster] ?? '',
    score: Math.round(points * 1000) / 1000,
    broken: numberAt(catalog.columns, 'broken', row) === 1,
    insecure: numberAt(catalog.columns, 'insecure', row) === 1,
    unfree: numberAt(catalog.columns, 'unfree', row) === 1,
    available: numberAt(catalog.columns, 'available', row) === 1,
    variants: others.map((other) => ({
      attribute_path: textAt(catalog.paths, other),
      version: textAt(catalog.versions, other) || null,
    })),
  };
}

function explain(catalog: Catalog, query: Query, board: Board, weights: number[], row: number): Explanation {
  const { relevance, exact, popularity, prior } = scoreOf(catalog, board, weights, row);
  const second = secondPoints(catalog, { query, board, weights }, row);
  const matches = matchesOf(board, weights, row);
  return {
    points: { relevance, exact, popularity, prior, ...second },
    terms: query.terms.map((term, index) => ({
      word: term.word,
      ...(matches[index] ?? { name: 'none', text: 0, weight: 0 }),
    })),
    whole: board.whole.get(row)?.how ?? null,
    meaning: board.meaning.get(row) ?? null,
  };
}

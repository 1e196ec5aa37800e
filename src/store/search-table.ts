import type { Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import { KnownError, messageOf } from '../errors.ts';
import { plain } from './scan.ts';
import { textColumn, type TextColumn } from './text-column.ts';

/** Rows by their number in the catalogue, with a score each. */
export interface Matches {
  rows: Uint32Array;
  scores: Float32Array;
}

/** The columns that are read when a search opens, as arrays by row number. */
export interface CatalogColumns {
  rows: number;
  texts: Record<string, TextColumn>;
  numbers: Record<string, Float64Array>;
}

/** How vectors are searched; `where` is applied before the limit. */
interface NearestOptions {
  limit: number;
  nprobes: number;
  refineFactor: number;
  where: string | null;
}

/** A condition that SQL cannot express, on a column's plain value. */
interface ColumnTest {
  column: string;
  test: (value: unknown) => boolean;
}

/** Table `packages`, as search uses it: rows have the numbers under which `readColumns` met them. */
export interface SearchTable {
  /** Reads whole columns into memory. */
  readColumns: (texts: string[], numbers: string[]) => Promise<CatalogColumns>;
  /** All rows whose column contains the words (any of them), up to `typos` letters wrong, by the full-text index. */
  match: (words: string, column: string, typos?: number) => Promise<Matches>;
  /** Row numbers that meet an SQL condition (all where it is null) and all tests, each of one column's plain value. */
  filter: (
    where: string | null,
    tests: { column: string; test: (value: unknown) => boolean }[],
  ) => Promise<Uint32Array>;
  /** Names of the table's columns. */
  columns: ReadonlySet<string>;
  /** The rows whose vectors are nearest, with their distances (cosine), the nearest first. */
  nearest: (vector: number[], options: NearestOptions) => Promise<Matches>;
  /** Rows as plain objects, in the order asked for. */
  take: (rows: number[], columns: string[]) => Promise<Record<string, unknown>[]>;
}

/** More rows than any table has: LanceDB takes ten where no limit is given with a full-text query. */
const everything = 2 ** 31 - 1;

/** Wraps an open table for search. */
export async function searchTable(table: Table): Promise<SearchTable> {
  const { MatchQuery } = await import('@lancedb/lancedb');
  const numbering = rowNumbering();
  const names: ReadonlySet<string> = new Set((await table.schema()).names as string[]);

  async function readColumns(texts: string[], numbers: string[]): Promise<CatalogColumns> {
    const { batches } = await table
      .query()
      .select([...texts, ...numbers])
      .withRowId()
      .toArrow();
    const rows = numbering.learn(batches);
    return {
      rows,
      texts: Object.fromEntries(texts.map((name) => [name, textColumn(batches, name)])),
      numbers: Object.fromEntries(numbers.map((name) => [name, numberColumn(batches, name, rows)])),
    };
  }

  async function match(words: string, column: string, typos = 0): Promise<Matches> {
    const query = table.query().fullTextSearch(new MatchQuery(words, column, { fuzziness: typos, prefixLength: 1 }));
    const { batches } = await query
      .select(['_score'])
      .withRowId()
      .limit(everything)
      .toArrow()
      .catch((error: unknown) => {
        throw new KnownError(`${table.name}: the full-text index on ${column} cannot be read: ${messageOf(error)}`, {
          cause: error,
        });
      });
    return numbering.matches(batches, '_score');
  }

  async function filter(where: string | null, tests: ColumnTest[]): Promise<Uint32Array> {
    const query = table.query().select(['package_id', ...tests.map(({ column }) => column)]);
    const { batches } = await (where === null ? query : query.where(where)).withRowId().toArrow();
    const passed = batches.flatMap((batch) => passing(batch, tests));
    return numbering.matches(batches, null).rows.filter((_, index) => passed[index]);
  }

  async function nearest(vector: number[], { limit, nprobes, refineFactor, where }: NearestOptions): Promise<Matches> {
    const query = table.query().nearestTo(vector).column('vector').nprobes(nprobes).refineFactor(refineFactor);
    if (where !== null) query.where(where);
    const { batches } = await query.distanceType('cosine').select(['_distance']).withRowId().limit(limit).toArrow();
    return numbering.matches(batches, '_distance');
  }

  async function take(rows: number[], columns: string[]): Promise<Record<string, unknown>[]> {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => numbering.idOf(row));
    const { batches } = await table.takeRowIds(ids).select(columns).withRowId().toArrow();
    const found = new Map<number, Record<string, unknown>>();
    const numbers = numbering.matches(batches, null).rows;
    for (const [index, row] of batches.flatMap((batch) => batch.toArray() as unknown[]).entries()) {
      found.set(numbers[index] ?? -1, plain(row) as Record<string, unknown>);
    }
    return rows.map((row) => found.get(row) ?? {});
  }

  return { columns: names, readColumns, match, filter, nearest, take };
}

/** For each row of a batch whether it passes all tests. */
function passing(batch: RecordBatch, tests: ColumnTest[]): boolean[] {
  const columns = tests.map(({ column, test }) => ({ values: batch.getChild(column), test }));
  return Array.from({ length: batch.numRows }, (_, index) =>
    columns.every(({ values, test }) => test(plain(values?.get(index)))),
  );
}

/** Lance's row ids (fragment in the upper half, offset in the lower) to consecutive row numbers, and back. */
function rowNumbering(): {
  learn: (batches: RecordBatch[]) => number;
  matches: (batches: RecordBatch[], scores: string | null) => Matches;
  idOf: (row: number) => bigint;
} {
  const fragments = new Map<number, Int32Array>();
  let ids: BigUint64Array[] = [];
  let starts: number[] = [];

  function numberOf(fragment: number, offset: number): number {
    return fragments.get(fragment)?.[offset] ?? -1;
  }

  function learn(batches: RecordBatch[]): number {
    let rows = 0;
    fragments.clear();
    [ids, starts] = [[], []];
    for (const batch of batches) {
      const list = idsOf(batch);
      ids.push(list);
      starts.push(rows);
      const halves = new Uint32Array(list.buffer, list.byteOffset, list.length * 2);
      for (let index = 0; index < list.length; index += 1) {
        const [offset, fragment] = [halves[index * 2] ?? 0, halves[index * 2 + 1] ?? 0];
        let known = fragments.get(fragment);
        if (known === undefined || offset >= known.length) {
          const grown = new Int32Array(Math.max(1024, offset * 2 + 1)).fill(-1);
          grown.set(known ?? []);
          known = grown;
          fragments.set(fragment, known);
        }
        known[offset] = rows;
        rows += 1;
      }
    }
    return rows;
  }

  function matches(batches: RecordBatch[], scores: string | null): Matches {
    const total = batches.reduce((sum, batch) => sum + batch.numRows, 0);
    const found = { rows: new Uint32Array(total), scores: new Float32Array(scores === null ? 0 : total) };
    let next = 0;
    for (const batch of batches) {
      const list = idsOf(batch);
      const halves = new Uint32Array(list.buffer, list.byteOffset, list.length * 2);
      if (scores !== null) found.scores.set(batch.getChild(scores)?.toArray() as Float32Array, next);
      for (let index = 0; index < list.length; index += 1) {
        found.rows[next] = numberOf(halves[index * 2 + 1] ?? 0, halves[index * 2] ?? 0);
        next += 1;
      }
    }
    return found;
  }

  function idOf(row: number): bigint {
    const at = starts.findLastIndex((start) => start <= row);
    return ids[at]?.[row - (starts[at] ?? 0)] ?? 0n;
  }

  return { learn, matches, idOf };
}

function idsOf(batch: RecordBatch): BigUint64Array {
  return batch.getChild('_rowid')?.toArray() as BigUint64Array;
}

/** A column of numbers or booleans; null is 0. */
function numberColumn(batches: RecordBatch[], name: string, rows: number): Float64Array {
  const values = new Float64Array(rows);
  let next = 0;
  for (const batch of batches) {
    const column = batch.getChild(name);
    const plainArray = column?.nullCount === 0 ? (column.toArray() as ArrayLike<number>) : null;
    for (let index = 0; index < batch.numRows; index += 1) {
      values[next] = Number(plainArray === null ? column?.get(index) : plainArray[index]);
      next += 1;
    }
  }
  return values;
}

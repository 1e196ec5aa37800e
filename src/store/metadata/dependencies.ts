import type { Connection } from '@lancedb/lancedb';
import type { RecordBatch, Utf8, Vector } from 'apache-arrow';
import { batchesOf } from '../batch.ts';
import { openTableIfThere } from '../connection.ts';
import { plain, scanRows } from '../scan.ts';
import { dependenciesTable } from '../tables/dependencies.ts';
import { inConditions, mergeRows, overwriteTable, sqlText } from '../write.ts';
import type { DependencyRecord } from './dependency-batches.ts';

const mergeShare = 0.2;

/** What the table is to hold, and what it holds. */
interface DependencyRows {
  /** How many rows there are. */
  total: number;
  /** The rows as they come. */
  first: AsyncIterable<RecordBatch>;
  /** The rows from the start, where they are needed once more. */
  again: () => AsyncIterable<RecordBatch>;
  /** The hashes of the rows of the dataset before, or null where there is none. */
  before: DependencyHashes | null;
}

/** Rows' hashes by system and package_id. */
export type DependencyHashes = Map<string, string>;

/**
 * Writes `dependencies`: nothing where no row changed, the changed rows where they are few, else the table anew.
 * @returns how many rows changed
 */
export async function writeDependencies(
  connection: Connection,
  { total, first, again, before }: DependencyRows,
): Promise<number> {
  if (before === null) return overwriteTable(connection, dependenciesTable, first);
  const touched: DependencyRecord[] = [];
  let changed = 0;
  for await (const batch of first) {
    for (const index of changedRows(batch, before)) {
      changed += 1;
      if (changed <= total * mergeShare) touched.push(plain(batch.get(index)) as DependencyRecord);
    }
  }
  const changes = changed + before.size;
  if (changes > total * mergeShare) {
    await overwriteTable(connection, dependenciesTable, again());
  } else if (changes > 0) {
    const batches = await Array.fromAsync(batchesOf(dependenciesTable, touched));
    const gone = conditionsOf([...before.keys()]);
    await mergeRows(connection, dependenciesTable, ['package_id', 'system'], batches, gone, total);
  }
  return changes;
}

/** The rows of a batch that are others than before; all of its rows are taken out of `before`. */
function* changedRows(batch: RecordBatch, before: DependencyHashes): Generator<number> {
  const column = (name: string) => batch.getChild(name) as Vector<Utf8>;
  const [ids, systems, hashes] = [column('package_id'), column('system'), column('row_hash')];
  for (let index = 0; index < batch.numRows; index += 1) {
    const key = `${systems.get(index)}\t${ids.get(index)}`;
    if (before.get(key) !== hashes.get(index)) yield index;
    before.delete(key);
  }
}

/** The hashes of a dataset's rows; null where it has no such table, or one to begin anew, in which a row stands twice. */
export async function dependencyHashes(connection: Connection): Promise<DependencyHashes | null> {
  const table = await openTableIfThere(connection, dependenciesTable.name);
  if (table === null) return null;
  const hashes: DependencyHashes = new Map();
  const columns = ['package_id', 'system', 'row_hash'];
  let rows = 0;
  for await (const row of scanRows<DependencyRecord>(table, { columns })) {
    rows += 1;
    hashes.set(`${row.system}\t${row.package_id}`, row.row_hash);
  }
  return hashes.size === rows ? hashes : null;
}

function conditionsOf(keys: string[]): string[] {
  const bySystem = Map.groupBy(keys, (key) => key.slice(0, key.indexOf('\t')));
  return [...bySystem].flatMap(([system, members]) => {
    const ids = members.map((key) => key.slice(key.indexOf('\t') + 1));
    return inConditions('package_id', ids).map((condition) => `system = ${sqlText(system)} AND ${condition}`);
  });
}

import { hash } from 'node:crypto';
import type { Connection } from '@lancedb/lancedb';
import { inputKinds } from '../../model.ts';
import { batchesOf } from '../batch.ts';
import { openTableIfThere } from '../connection.ts';
import { scanRows } from '../scan.ts';
import { dependenciesTable, inputColumns } from '../tables/dependencies.ts';
import { inConditions, mergeRows, overwriteTable, sqlText } from '../write.ts';
import { packageInputs, type SystemInputs } from './system-inputs.ts';

const mergeShare = 0.2;

/**
 * Writes `dependencies`: nothing where no row changed, the changed rows where they are few, else the table anew.
 * @returns how many rows changed
 */
export async function writeDependencies(connection: Connection, systems: readonly SystemInputs[]): Promise<number> {
  const before = await previousHashes(connection);
  const total = systems.reduce((sum, { rows }) => sum + rows.length, 0);
  if (before === null)
    return overwriteTable(connection, dependenciesTable, batchesOf(dependenciesTable, dependencyRows(systems)));
  const touched: DependencyRecord[] = [];
  for (const row of dependencyRows(systems)) {
    const key = keyOf(row);
    if (before.get(key) !== row.row_hash) touched.push(row);
    before.delete(key);
  }
  const changes = touched.length + before.size;
  if (changes > total * mergeShare) {
    await overwriteTable(connection, dependenciesTable, batchesOf(dependenciesTable, dependencyRows(systems)));
  } else if (changes > 0) {
    const batches = await Array.fromAsync(batchesOf(dependenciesTable, touched));
    const gone = conditionsOf([...before.keys()]);
    await mergeRows(connection, dependenciesTable, ['package_id', 'system'], batches, gone, total);
  }
  return changes;
}

type DependencyRecord = { package_id: string; system: string; row_hash: string } & Record<string, unknown>;

function* dependencyRows(systems: readonly SystemInputs[]): Generator<DependencyRecord> {
  for (const system of systems) {
    for (const entry of packageInputs(system)) {
      const record: Record<string, unknown> = {
        pname: entry.pname,
        version: entry.version,
        attribute_path: entry.packageId,
        total_dependencies: entry.total,
      };
      for (const kind of inputKinds) {
        record[inputColumns[kind].names] = entry.inputs[kind].names;
        record[inputColumns[kind].ids] = entry.inputs[kind].ids;
      }
      const row_hash = hash('sha256', JSON.stringify(record)).slice(0, 32);
      yield { package_id: entry.packageId, system: entry.system, row_hash, ...record };
    }
  }
}

async function previousHashes(connection: Connection): Promise<Map<string, string> | null> {
  const table = await openTableIfThere(connection, dependenciesTable.name);
  if (table === null) return null;
  const hashes = new Map<string, string>();
  const columns = ['package_id', 'system', 'row_hash'];
  for await (const row of scanRows<DependencyRecord>(table, { columns })) hashes.set(keyOf(row), row.row_hash);
  return hashes;
}

function keyOf({ package_id, system }: DependencyRecord): string {
  return `${system}\t${package_id}`;
}

function conditionsOf(keys: string[]): string[] {
  const bySystem = Map.groupBy(keys, (key) => key.slice(0, key.indexOf('\t')));
  return [...bySystem].flatMap(([system, members]) => {
    const ids = members.map((key) => key.slice(key.indexOf('\t') + 1));
    return inConditions('package_id', ids).map((condition) => `system = ${sqlText(system)} AND ${condition}`);
  });
}

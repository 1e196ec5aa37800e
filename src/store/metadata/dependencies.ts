import { hash } from 'node:crypto';
import type { Connection } from '@lancedb/lancedb';
import { inputKinds, type InputKind } from '../../model.ts';
import { nameOfDrvPath, splitName } from '../../names.ts';
import { batchesOf } from '../batch.ts';
import { openTableIfThere } from '../connection.ts';
import { scanRows } from '../scan.ts';
import { dependenciesTable, inputColumns } from '../tables/dependencies.ts';
import { inConditions, mergeRows, overwriteTable, sqlText } from '../write.ts';
import type { ResolvedSystem } from './analysis.ts';
import type { CollectedRow } from './collect.ts';

/** One package's inputs of a kind: their names, and the package_ids that they lead to. */
interface Inputs {
  names: string[];
  ids: (string | null)[];
}

/** A package's inputs on one system. */
export interface PackageInputs {
  row: number;
  packageId: string;
  system: string;
  pname: string;
  version: string | null;
  inputs: Record<InputKind, Inputs>;
  total: number;
}

const mergeShare = 0.2;

/** Every package's inputs on a system, in the order in which the packages came. */
export function* packageInputs(
  { facts, targets }: ResolvedSystem,
  rows: readonly CollectedRow[],
): Generator<PackageInputs> {
  const { names, ids } = namesAndIds(facts, targets, rows);
  const { inputs: derivations } = facts;
  for (let index = 0; index < facts.packages; index += 1) {
    const inputs = {} as Record<InputKind, Inputs>;
    const start = facts.startOf(index);
    let at = start;
    for (const [kind, name] of inputKinds.entries()) {
      const found: Inputs = { names: [], ids: [] };
      for (const end = facts.endOf(index, kind); at < end; at += 1) {
        const derivation = derivations[at] ?? 0;
        found.names.push(names[derivation] ?? '');
        found.ids.push(ids[derivation] ?? null);
      }
      inputs[name] = found;
    }
    const row = facts.rows.at(index);
    yield {
      row,
      packageId: rows[row]?.package_id ?? '',
      system: facts.system,
      pname: facts.names[index] ?? '',
      version: facts.versions[index] ?? null,
      inputs,
      total: new Set(derivations.subarray(start, at)).size,
    };
  }
}

/** For each derivation its name and the package_id that it leads to. */
function namesAndIds(
  facts: ResolvedSystem['facts'],
  targets: ResolvedSystem['targets'],
  rows: readonly CollectedRow[],
) {
  const names: string[] = [];
  const ids: (string | null)[] = [];
  for (const [derivation, drvPath] of facts.drvPaths.texts.entries()) {
    const target = targets[derivation] ?? -1;
    const name = target < 0 ? splitName(nameOfDrvPath(drvPath)).pname : facts.names[target];
    names.push(name ?? '');
    ids.push(target < 0 ? null : (rows[facts.rows.at(target)]?.package_id ?? null));
  }
  return { names, ids };
}

/**
 * Writes `dependencies`: nothing where no row changed, the changed rows where they are few, else the table anew.
 * @returns how many rows changed
 */
export async function writeDependencies(
  connection: Connection,
  systems: readonly ResolvedSystem[],
  rows: readonly CollectedRow[],
): Promise<number> {
  const before = await previousHashes(connection);
  const total = systems.reduce((sum, { facts }) => sum + facts.packages, 0);
  if (before === null)
    return overwriteTable(connection, dependenciesTable, batchesOf(dependenciesTable, dependencyRows(systems, rows)));
  const touched: DependencyRecord[] = [];
  for (const row of dependencyRows(systems, rows)) {
    const key = keyOf(row);
    if (before.get(key) !== row.row_hash) touched.push(row);
    before.delete(key);
  }
  const changes = touched.length + before.size;
  if (changes > total * mergeShare) {
    await overwriteTable(connection, dependenciesTable, batchesOf(dependenciesTable, dependencyRows(systems, rows)));
  } else if (changes > 0) {
    const batches = await Array.fromAsync(batchesOf(dependenciesTable, touched));
    const gone = conditionsOf([...before.keys()]);
    await mergeRows(connection, dependenciesTable, ['package_id', 'system'], batches, gone, total);
  }
  return changes;
}

type DependencyRecord = { package_id: string; system: string; row_hash: string } & Record<string, unknown>;

function* dependencyRows(
  systems: readonly ResolvedSystem[],
  rows: readonly CollectedRow[],
): Generator<DependencyRecord> {
  for (const system of systems) {
    for (const entry of packageInputs(system, rows)) {
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

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
  const names: string[] = [];
  const idOf = (derivation: number) => {
    const target = targets[derivation] ?? -1;
    return target < 0 ? null : (rows[facts.rows.at(target)]?.package_id ?? null);
  };
  const nameOf = (derivation: number) => {
    const target = targets[derivation] ?? -1;
    if (target >= 0) return facts.names[target] ?? '';
    return (names[derivation] ??= splitName(nameOfDrvPath(facts.drvPaths.texts[derivation] ?? '')).pname);
  };
  for (let index = 0; index < facts.packages; index += 1) {
    const row = facts.rows.at(index);
    const distinct = new Set<number>();
    const inputs = {} as Record<InputKind, Inputs>;
    for (const kind of inputKinds) {
      const derivations = facts.inputsOf(index, kind);
      for (const derivation of derivations) distinct.add(derivation);
      inputs[kind] = { names: Array.from(derivations, nameOf), ids: Array.from(derivations, idOf) };
    }
    yield {
      row,
      packageId: rows[row]?.package_id ?? '',
      system: facts.system,
      pname: facts.names[index] ?? '',
      version: facts.versions[index] ?? null,
      inputs,
      total: distinct.size,
    };
  }
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

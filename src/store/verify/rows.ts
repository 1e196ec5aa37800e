import type { Connection, Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import { arrow } from '../arrow.ts';
import { openTable } from '../connection.ts';
import { completeIndexes } from '../fts.ts';
import { scanBatches, scanRows } from '../scan.ts';
import { inputColumns } from '../tables/dependencies.ts';
import { runsTable, type RunRow } from '../tables/runs.ts';
import { sqlText } from '../write.ts';
import { firstFew, type Check } from './check.ts';

/** Whether package_ids are distinct. Answers them too. */
export async function checkIds(packages: Table): Promise<{ check: Check; ids: Set<string> }> {
  const ids = new Set<string>();
  const problems: string[] = [];
  for (const id of await textColumn(packages, 'package_id')) {
    if (ids.has(id)) problems.push(`package_id ${id} stands in packages more than once`);
    ids.add(id);
  }
  return { check: { name: 'packages', detail: `${ids.size} distinct package_ids`, problems: firstFew(problems) }, ids };
}

/**
 * Whether every row of `dependencies`, and every package_id in it, has its package, every package a row, and no row stands
 * twice.
 */
export async function checkJoins(connection: Connection, ids: ReadonlySet<string>): Promise<Check> {
  const table = await openTable(connection, 'dependencies');
  const problems: string[] = [];
  const seen = new Set<string>();
  const withRow = new Set<string>();
  let edges = 0;
  for await (const batch of scanBatches(table, { columns: ['package_id', 'system', ...idLists] })) {
    const systems = batch.getChild('system');
    for (const [row, id] of [...(batch.getChild('package_id') ?? [])].entries()) {
      const key = `${String(systems?.get(row))}\t${String(id)}`;
      if (seen.has(key)) problems.push(`${id} stands in dependencies more than once for a system`);
      seen.add(key);
      withRow.add(String(id));
      if (!ids.has(id)) problems.push(`${id} stands in dependencies and not in packages`);
    }
    edges += checkTargets(batch, ids, problems);
  }
  for (const id of ids.difference(withRow)) problems.push(`${id} has no row in dependencies`);
  const detail = `${seen.size} rows with ${edges} edges to packages`;
  return { name: 'dependencies', detail, problems: firstFew(problems) };
}

const idLists = Object.values(inputColumns).map((columns) => columns.ids);

/** Adds what edges lead nowhere to the problems; answers how many edges there are. */
function checkTargets(batch: RecordBatch, ids: ReadonlySet<string>, problems: string[]): number {
  let edges = 0;
  for (const name of idLists) {
    const targets = batch.getChild(name)?.data[0]?.children[0];
    if (targets === undefined) continue;
    for (const target of arrow.makeVector(targets) as Iterable<string | null>) {
      if (target === null) continue;
      edges += 1;
      if (!ids.has(target)) problems.push(`${name} leads to ${target}, which is not in packages`);
    }
  }
  return edges;
}

/** Whether each system's packages and errors add up to the lines that were read, and stand in the tables. */
export async function checkSystems(connection: Connection): Promise<Check> {
  const runs = await Array.fromAsync(scanRows<RunRow>(await openTable(connection, runsTable.name)));
  const last = runs
    .filter(({ phase }) => phase === 'metadata')
    .toSorted((a, b) => Number(b.finished_at) - Number(a.finished_at))[0];
  if (last === undefined)
    return { name: 'systems', detail: 'no run is recorded', problems: ['runs has no metadata run'] };
  const dependencies = await openTable(connection, 'dependencies');
  const errors = await openTable(connection, 'errors');
  const problems: string[] = [];
  const detail: string[] = [];
  for (const { system, lines, packages, errors: failed } of last.systems) {
    const where = `system = ${sqlText(system)}`;
    const [rows, errorRows] = [await dependencies.countRows(where), await errors.countRows(where)];
    if (rows !== packages)
      problems.push(`${system}: dependencies has ${rows} rows, the run counted ${packages} packages`);
    if (errorRows !== failed) problems.push(`${system}: errors has ${errorRows} rows, the run counted ${failed}`);
    if (rows + errorRows !== lines)
      problems.push(`${system}: ${rows} packages and ${errorRows} errors are not ${lines} lines`);
    detail.push(`${system}: ${rows} packages + ${errorRows} errors = ${lines} lines`);
  }
  return { name: 'systems', detail: detail.join('; '), problems };
}

/** Whether every index of the table covers every row. */
export async function checkIndexes(packages: Table): Promise<Check> {
  const columns = new Set((await packages.listIndices()).flatMap((index) => index.columns));
  const complete = await completeIndexes(packages);
  const problems = [...columns].filter((name) => !complete.has(name)).map((name) => `the index on ${name} lacks rows`);
  if (columns.size === 0) problems.push('packages has no full-text index');
  return { name: 'indexes', detail: `on ${[...columns].toSorted().join(', ')}`, problems };
}

async function textColumn(table: Table, name: string): Promise<string[]> {
  const values: string[] = [];
  for await (const batch of scanBatches(table, { columns: [name] })) {
    for (const value of batch.getChild(name) ?? []) values.push(String(value));
  }
  return values;
}

import type { Connection, Table } from '@lancedb/lancedb';
import type { InputKind } from '../model.ts';
import { inputKinds } from '../model.ts';
import { runsOf } from './run-log.ts';
import { scanRows } from './scan.ts';
import { inputColumns } from './tables/dependencies.ts';
import { sqlText } from './write.ts';

/** An input that leads to no package of the dataset: hooks, bootstrap and the like. */
export interface UnresolvedInput {
  name: string;
  kinds: InputKind[];
}

/** What a package declares that leads to no package, by name; null where the dataset has no names (the minified one). */
export async function unresolvedInputs(
  dependencies: Table,
  packageId: string,
  system: string,
): Promise<UnresolvedInput[] | null> {
  const { names } = await dependencies.schema();
  if (!names.includes(inputColumns.build.names)) return null;
  const where = `package_id = ${sqlText(packageId)} AND system = ${sqlText(system)}`;
  const kindsOf = new Map<string, Set<InputKind>>();
  for await (const row of scanRows<Record<string, (string | null)[]>>(dependencies, { where })) {
    for (const kind of inputKinds) {
      const ids = row[inputColumns[kind].ids] ?? [];
      for (const [index, name] of (row[inputColumns[kind].names] ?? []).entries()) {
        if (name !== null && ids[index] === null) kindsOf.set(name, (kindsOf.get(name) ?? new Set()).add(kind));
      }
    }
  }
  return [...kindsOf].map(([name, kinds]) => ({ name, kinds: [...kinds] }));
}

/** Whether the source of a dataset knew inputs at all: a channel's packages.json does not. */
export async function knowsDependencies(connection: Connection, packages: Table): Promise<boolean> {
  const newest = (await runsOf(connection)).find(({ phase }) => phase === 'metadata');
  if (newest !== undefined) return newest.dependencies_known;
  return (await packages.schema()).metadata.get('dependencies_known') !== 'false';
}

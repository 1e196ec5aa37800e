import { resolve } from 'node:path';
import type { Connection } from '@lancedb/lancedb';
import { KnownError } from '../../errors.ts';
import { connectDataset, openTable } from '../connection.ts';
import { readableDirectory } from '../place.ts';
import { schemaVersion } from '../table.ts';
import type { Check } from './check.ts';
import { checkEmbeddings } from './embeddings.ts';
import { checkFiles } from './files.ts';
import { checkIds, checkIndexes, checkJoins, checkSystems } from './rows.ts';

/** What verify found in a dataset. */
export interface Verification {
  dataset: string;
  kind: 'main' | 'minified';
  checks: Check[];
  ok: boolean;
}

/**
 * Verifies a dataset on disk: files as the manifests name them, ids, joins, counts and indexes. Later checks are left
 * out where files are missing, since they would only fail for that reason.
 * @throws KnownError where there is no dataset of ours
 */
export async function verifyDataset(path: string): Promise<Verification> {
  const directory = readableDirectory(path) ?? resolve(path);
  const connection = await connectDataset(directory);
  const tables = (await connection.tableNames()).filter((name) => !name.startsWith('__'));
  if (!tables.includes('packages')) {
    throw new KnownError(
      `${path} is no dataset of fdnix-indexer: it has no table packages (${tables.join(', ') || 'no tables'})`,
    );
  }
  const kind = (await isMain(connection, tables)) ? 'main' : 'minified';
  const checks: Check[] = [checkTables(kind, tables), await checkFiles(directory, tables)];
  if (checks.every(({ problems }) => problems.length === 0)) {
    const packages = await openTable(connection, 'packages');
    const found = (await packages.schema()).metadata.get('schema_version');
    const { check, ids } = await checkIds(packages);
    checks.push(
      {
        name: 'schema',
        detail: `version ${found ?? 'unknown'}`,
        problems:
          found === String(schemaVersion) ? [] : [`schema_version is ${found ?? 'absent'}, not ${schemaVersion}`],
      },
      check,
      await checkJoins(connection, ids),
      await checkIndexes(packages),
      await checkEmbeddings(connection, packages),
    );
    if (kind === 'main') checks.push(await checkSystems(connection));
  }
  return { dataset: path, kind, checks, ok: checks.every(({ problems }) => problems.length === 0) };
}

/** The tables of the main dataset that every run leaves there; the minified one has the first two alone. */
const tablesOf = {
  main: ['packages', 'dependencies', 'errors', 'runs', 'clusters', 'versions'],
  minified: ['packages', 'dependencies'],
};

function checkTables(kind: keyof typeof tablesOf, tables: readonly string[]): Check {
  const missing = tablesOf[kind].filter((name) => !tables.includes(name));
  return { name: 'tables', detail: tables.join(', '), problems: missing.map((name) => `there is no table ${name}`) };
}

/** A main dataset that lost its other tables still has columns that the minified one does not have. */
async function isMain(connection: Connection, tables: readonly string[]): Promise<boolean> {
  if (tablesOf.main.slice(2).some((name) => tables.includes(name))) return true;
  const schema = await openTable(connection, 'packages').then(
    (table) => table.schema(),
    () => null,
  );
  return schema?.fields.some(({ name }) => name === 'content_hash') ?? false;
}

import { resolve } from 'node:path';
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
  const kind = tables.includes('runs') ? 'main' : 'minified';
  const checks: Check[] = [await checkFiles(directory, tables)];
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

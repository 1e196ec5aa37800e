import type { Connection, Table } from '@lancedb/lancedb';
import { KnownError } from '../errors.ts';
import { connectDataset, openTable, openTableIfThere } from './connection.ts';
import { scanBatches, scanRows } from './scan.ts';
import { schemaVersion } from './table.ts';
import { inConditions } from './write.ts';

/** What a publisher has to know of a dataset. */
export interface DatasetSummary {
  schemaVersion: number;
  /** The nixpkgs revision of the newest run, where the dataset keeps runs and knows it. */
  revision: string | null;
  /** `packages`, `edges` (inputs over all packages and systems), `vectors`. */
  counts: Record<'packages' | 'edges' | 'vectors', number>;
  /** Of the attribute paths asked for, those that are not there. */
  missing: string[];
}

/** Reads counts, schema version and revision of a dataset. Throws a KnownError where it is not one of ours. */
export async function summarizeDataset(uri: string, attributePaths: readonly string[] = []): Promise<DatasetSummary> {
  const connection = await connectDataset(uri);
  try {
    const packages = await openTable(connection, 'packages');
    const version = Number((await packages.schema()).metadata.get('schema_version') ?? Number.NaN);
    if (!Number.isInteger(version)) {
      throw new KnownError(
        `${uri}: table packages has no schema_version: the dataset was not written by fdnix-indexer (the Python system's look like that), and is not published or changed`,
      );
    }
    if (version > schemaVersion) {
      throw new KnownError(
        `${uri}: written by a newer fdnix-indexer (schema version ${version}, this one writes ${schemaVersion}); upgrade`,
      );
    }
    return {
      schemaVersion: version,
      revision: await newestRevision(connection),
      counts: {
        packages: await packages.countRows(),
        edges: await countEdges(connection),
        vectors: await packages.countRows('has_embedding = true'),
      },
      missing: await missingOf(packages, attributePaths),
    };
  } finally {
    connection.close();
  }
}

async function newestRevision(connection: Connection): Promise<string | null> {
  const table = await openTableIfThere(connection, 'runs');
  if (table === null) return null;
  let newest: { finished_at: number; revision: string | null } | undefined;
  for await (const row of scanRows<{ finished_at: number; revision: string | null }>(table, {
    columns: ['finished_at', 'revision'],
  })) {
    if (row.revision !== null && (newest === undefined || row.finished_at >= newest.finished_at)) newest = row;
  }
  return newest?.revision ?? null;
}

async function countEdges(connection: Connection): Promise<number> {
  const table = await openTableIfThere(connection, 'dependencies');
  if (table === null) return 0;
  const names = (await table.schema()).fields.map(({ name }) => name);
  if (!names.includes('total_dependencies')) return 0;
  let edges = 0;
  for await (const batch of scanBatches(table, { columns: ['total_dependencies'] })) {
    for (const count of batch.getChildAt(0) ?? []) edges += Number(count ?? 0);
  }
  return edges;
}

async function missingOf(packages: Table, attributePaths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const condition of inConditions('attribute_path', attributePaths)) {
    for await (const row of scanRows<{ attribute_path: string }>(packages, {
      columns: ['attribute_path'],
      where: condition,
    })) {
      found.add(row.attribute_path);
    }
  }
  return attributePaths.filter((path) => !found.has(path));
}

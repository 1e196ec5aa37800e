import type { Connection, Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import { KnownError } from '../errors.ts';
import { connectDataset, openTable, openTableIfThere } from './connection.ts';
import { readRuns } from './run-log.ts';
import { scanBatches, scanRows } from './scan.ts';
import { inputColumns } from './tables/dependencies.ts';
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
      revision: await revisionOf(uri, packages),
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

/** The newest run's, or what the minified dataset says of itself. */
async function revisionOf(uri: string, packages: Table): Promise<string | null> {
  const runs = await readRuns(uri);
  const known = runs.find(({ revision }) => revision !== null)?.revision;
  return known ?? ((await packages.schema()).metadata.get('revision') || null);
}

/** Inputs over all rows: distinct ones where the table counts them, else those that lead to a package. */
async function countEdges(connection: Connection): Promise<number> {
  const table = await openTableIfThere(connection, 'dependencies');
  if (table === null) return 0;
  const names = new Set((await table.schema()).fields.map(({ name }) => name));
  const counted = names.has('total_dependencies');
  const columns = counted ? ['total_dependencies'] : Object.values(inputColumns).map(({ ids }) => ids);
  let edges = 0;
  for await (const batch of scanBatches(table, { columns: columns.filter((name) => names.has(name)) })) {
    for (const column of batch.schema.fields.keys()) edges += sumOf(batch, column, counted);
  }
  return edges;
}

function sumOf(batch: RecordBatch, column: number, counted: boolean): number {
  const values = batch.getChildAt(column);
  if (values === null) return 0;
  if (!counted)
    return values.data.reduce(
      (sum, { valueOffsets, length }) => sum + (valueOffsets[length] ?? 0) - (valueOffsets[0] ?? 0),
      0,
    );
  let sum = 0;
  for (const count of values as Iterable<number | null>) sum += count ?? 0;
  return sum;
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

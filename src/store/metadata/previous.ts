import type { Connection } from '@lancedb/lancedb';
import type { PreviousCluster } from '../../cluster/model.ts';
import type { DerivedPackage } from '../../model.ts';
import { openTable } from '../connection.ts';
import { scanRows } from '../scan.ts';
import { derivedColumns } from '../tables/packages.ts';
import { schemaVersion } from '../table.ts';
import { vectorColumn, type VectorColumn } from '../vector-column.ts';

/** The columns besides `row_hash` by which a row can change; they do not move `last_updated`. */
export type DerivedValues = Omit<DerivedPackage, 'availability' | 'last_updated'>;

/** What the dataset before holds of a package. */
interface PreviousRow {
  rowHash: string;
  version: string | null;
  lastUpdated: Date;
  derived: string;
}

/** The dataset before, as far as a new one depends on it. */
export interface Previous {
  packages: Map<string, PreviousRow>;
  clusters: PreviousCluster[];
  /** What made its vectors, or null where it has none. */
  vectors: VectorColumn | null;
  /** The columns of its `packages`: an earlier version of the indexer may have had fewer. */
  columns: string[];
}

interface StoredRow extends DerivedValues {
  package_id: string;
  version: string | null;
  row_hash: string;
  last_updated: number;
}

/** Whether a dataset is ours, of this version of the contract, so that a new one can go on from it. */
export async function isContinuable(connection: Connection): Promise<boolean> {
  const names = await connection.tableNames();
  if (!names.includes('packages') || !names.includes('runs')) return false;
  const schema = await (await openTable(connection, 'packages')).schema();
  return schema.metadata.get('schema_version') === String(schemaVersion);
}

/** Reads what a new dataset needs of the one before. */
export async function readPrevious(connection: Connection): Promise<Previous> {
  const table = await openTable(connection, 'packages');
  const { names } = await table.schema();
  const wanted = ['package_id', 'version', ...Object.keys(derivedColumns).filter((name) => name !== 'availability')];
  const columns = wanted.filter((name) => names.includes(name));
  const packages = new Map<string, PreviousRow>();
  for await (const row of scanRows<StoredRow>(table, { columns })) {
    packages.set(row.package_id, {
      rowHash: row.row_hash,
      version: row.version,
      lastUpdated: new Date(row.last_updated),
      derived: derivedKey(row),
    });
  }
  const clusters = await readClusters(connection);
  return { packages, clusters, vectors: await vectorColumn(table), columns: names.map(String) };
}

/** Derived values in comparable form. */
export function derivedKey(row: DerivedValues): string {
  const { cluster_id, dependents, module_references, test_references, rank, quality, effort, has_embedding } = row;
  const shares = [quality, effort].map(Math.fround);
  return [cluster_id, dependents, module_references, test_references, rank, ...shares, has_embedding].join('\t');
}

/** The clusters of a dataset; none where it has no such table. */
export async function readClusters(connection: Connection): Promise<PreviousCluster[]> {
  if (!(await connection.tableNames()).includes('clusters')) return [];
  const table = await openTable(connection, 'clusters');
  const columns = ['cluster_id', 'attribute_paths', 'first_seen'];
  const clusters: PreviousCluster[] = [];
  for await (const row of scanRows<Omit<PreviousCluster, 'first_seen'> & { first_seen: number }>(table, { columns })) {
    clusters.push({ ...row, first_seen: new Date(row.first_seen) });
  }
  return clusters;
}

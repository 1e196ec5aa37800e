import type { Connection } from '@lancedb/lancedb';
import type { ClusterInput } from '../cluster/model.ts';
import type { Availability } from '../model.ts';
import { openTable } from './connection.ts';
import { readGraph, systemsOf } from './dependency-graph.ts';
import { derivationsOf, type Analyse, type Analysis } from './metadata/analysis.ts';
import { readClusters } from './metadata/previous.ts';
import type { Edges } from './metadata/resolve.ts';
import { projectBatches } from './project.ts';
import { replaceIfChanged } from './replace.ts';
import { scanBatches, scanRows } from './scan.ts';
import { clustersTable } from './tables/clusters.ts';
import { packagesTable } from './tables/packages.ts';
import { vectorColumn } from './vector-column.ts';
import { overwriteTable } from './write.ts';

/** What working identity and ranking out anew changes. */
export interface Reclustering {
  packages: number;
  clusters: number;
  joins: number;
  /** Packages that come to another cluster. */
  moved: number;
  /** Packages whose rank or dependents change. */
  reranked: number;
}

interface StoredRow extends Omit<ClusterInput, 'derivations'> {
  availability: Availability[];
  cluster_id: string;
  rank: number;
  dependents: number;
}

/** Works identity and ranking out from what a dataset holds, as the metadata phase does from an evaluation. */
export async function analyseDataset(
  connection: Connection,
  analyse: Analyse,
): Promise<{ summary: Reclustering; analysis: Analysis; idOf: Map<string, number> }> {
  const columns = ['package_id', 'package_name', 'version', 'position', 'homepage', 'description', 'availability'];
  const derived = ['cluster_id', 'rank', 'dependents'];
  const stored: StoredRow[] = [];
  for await (const row of scanRows<StoredRow>(await openTable(connection, 'packages'), {
    columns: [...columns, ...derived],
  }))
    stored.push(row);
  const rows = stored.map(({ availability, ...row }): ClusterInput => {
    const derivations = availability.flatMap(({ drv_path }) => drv_path ?? []);
    return Object.assign(row, { derivations });
  });
  const idOf = new Map(rows.map((row, index) => [row.package_id, index]));
  const previous = await readClusters(connection);
  const analysis = analyse({
    rows,
    edges: await storedEdges(connection, idOf),
    derivationOf: derivationsOf(rows),
    previous,
  });
  const { clusters, rank, dependents } = analysis;
  const { clusterOf } = clusters;
  const changed = (test: (row: StoredRow, cluster: number, index: number) => boolean): number =>
    stored.filter((row, index) => test(row, clusterOf[index] ?? 0, index)).length;
  const summary = {
    packages: rows.length,
    clusters: clusters.length,
    joins: rows.length - clusters.length,
    moved: changed((row, cluster) => row.cluster_id !== clusters.idOf(cluster)),
    reranked: changed((row, cluster, index) => row.rank !== rank[cluster] || row.dependents !== dependents[index]),
  };
  return { summary, analysis, idOf };
}

/** Writes what was worked out: table `clusters`, and the columns of `packages` that follow from it. */
export async function writeAnalysis(
  connection: Connection,
  { clusters, rank, dependents }: Analysis,
  idOf: Map<string, number>,
): Promise<void> {
  const table = await openTable(connection, 'packages');
  const spec = packagesTable(await vectorColumn(table));
  const index = (id: unknown): number => idOf.get(String(id)) ?? 0;
  const cluster = (id: unknown): number => clusters.clusterOf[index(id)] ?? 0;
  const rules = {
    cluster_id: { from: 'package_id', value: (id: unknown) => clusters.idOf(cluster(id)) },
    rank: { from: 'package_id', value: (id: unknown) => rank[cluster(id)] },
    dependents: { from: 'package_id', value: (id: unknown) => dependents[index(id)] },
  };
  await overwriteTable(connection, spec, projectBatches(scanBatches(table), spec, rules));
  await replaceIfChanged(connection, clustersTable, clusters, 'cluster_id');
}

/** The edges of all systems between the rows of `packages`. */
async function storedEdges(connection: Connection, idOf: Map<string, number>): Promise<Edges> {
  const edges = { from: [] as number[], to: [] as number[], kind: [] as number[] };
  const table = await openTable(connection, 'dependencies');
  for (const system of await systemsOf(table)) {
    const { ids, from, to, kind } = await readGraph(table, system);
    const rows = ids.map((id) => idOf.get(id) ?? 0);
    for (const [edge, start] of from.entries()) {
      edges.from.push(rows[start] ?? 0);
      edges.to.push(rows[to[edge] ?? 0] ?? 0);
      edges.kind.push(kind[edge] ?? 0);
    }
  }
  return { from: Uint32Array.from(edges.from), to: Uint32Array.from(edges.to), kind: Uint8Array.from(edges.kind) };
}

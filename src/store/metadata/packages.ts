import type { Connection } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import type { References } from '../../model.ts';
import { arrow } from '../arrow.ts';
import { BatchBuilder, batchesOf } from '../batch.ts';
import { plain } from '../scan.ts';
import { schemaOf, type TableSpec } from '../table.ts';
import { sameVectors, type VectorColumn } from '../vector-column.ts';
import { declaredColumns, packagesTable } from '../tables/packages.ts';
import { inConditions, mergeRows, overwriteTable } from '../write.ts';
import type { Analysis } from './analysis.ts';
import type { Collected } from './collect.ts';
import type { Content } from './content.ts';
import { availabilityOf } from './places.ts';
import { derivedKey, type Previous } from './previous.ts';
import type { Spool } from './spool.ts';

/** Vectors that are known already, by content hash. */
export interface VectorSource {
  column: VectorColumn;
  vectorOf(contentHash: string): Float32Array | null;
}

/** What happened to the rows of `packages`. */
export interface Delta {
  added: number;
  /** Rows whose `row_hash` changed. */
  changed: number;
  /** By package_id. */
  removed: string[];
  /** Rows of which only derived columns changed. */
  rederived: number;
}

// Up to this share of rows changes are merged; beyond it a fresh table is smaller and quicker.
const mergeShare = 0.2;

/**
 * Writes `packages`: nothing where nothing changed, the changed rows where they are few, else the table anew.
 */
export async function writePackages(connection: Connection, input: PackagesInput): Promise<Delta> {
  const { collected, spool, previous, vectors } = input;
  const spec = packagesTable(vectors?.column ?? null);
  const columnsOf = deriver(input);
  const { delta, touched } = compare(collected, previous, columnsOf);
  const changes = touched.size + delta.removed.length;
  if (
    previous === null ||
    !sameVectors(previous.vectors, vectors?.column ?? null) ||
    !Object.keys(spec.columns).every((name) => previous.columns.includes(name)) ||
    changes > spool.rows * mergeShare
  ) {
    await overwriteTable(connection, spec, completed(spec, spool, columnsOf));
  } else if (changes > 0) {
    const batches = await Array.fromAsync(batchesOf(spec, pickRows(spool, touched, columnsOf)));
    const gone = inConditions('package_id', delta.removed);
    await mergeRows(connection, spec, ['package_id'], batches, gone, spool.rows);
  }
  return delta;
}

export interface PackagesInput {
  collected: Collected;
  content: Content;
  spool: Spool;
  analysis: Analysis;
  references: References;
  previous: Previous | null;
  vectors: VectorSource | null;
}

type DerivedRow = ReturnType<ReturnType<typeof deriver>>;

/** Works out a row's derived columns. */
function deriver({ collected, content, analysis, references, vectors }: PackagesInput) {
  const { packages, systems } = collected;
  const { clusters, rank, dependents } = analysis;
  const availabilityAt = availabilityOf(packages.length, systems);
  return (row: number) => {
    const id = packages.idOf(row);
    const { modules = 0, tests = 0 } = references[id] ?? {};
    const cluster = clusters.clusterOf[row] ?? 0;
    const vector = vectors?.vectorOf(packages.contentHashOf(row)) ?? null;
    return {
      availability: availabilityAt(row),
      cluster_id: clusters.idOf(cluster),
      dependents: dependents[row] ?? 0,
      module_references: modules,
      test_references: tests,
      rank: rank[cluster] ?? 0,
      quality: packages.quality[row] ?? 0,
      effort: packages.effort[row] ?? 0,
      has_embedding: vector !== null,
      row_hash: content.rowHashes.at(row),
      last_updated: content.lastUpdated[row],
      vector,
    };
  };
}

/** What differs from the dataset before, and the rows that do; where there is none before, all are added. */
function compare(
  { packages }: Collected,
  previous: Previous | null,
  derive: (row: number) => DerivedRow,
): { delta: Delta; touched: Set<number> } {
  const delta: Delta = { added: 0, changed: 0, removed: [], rederived: 0 };
  const touched = new Set<number>();
  if (previous === null) return { delta: { ...delta, added: packages.length }, touched };
  const gone = new Set(previous.packages.keys());
  for (let row = 0; row < packages.length; row += 1) {
    const id = packages.idOf(row);
    const before = previous.packages.get(id);
    gone.delete(id);
    const derived = before === undefined ? null : derive(row);
    if (before === undefined) delta.added += 1;
    else if (before.rowHash !== derived?.row_hash) delta.changed += 1;
    else if (before.derived !== derivedKey(derived)) delta.rederived += 1;
    else continue;
    touched.add(row);
  }
  delta.removed.push(...gone);
  return { delta, touched };
}

/** The spool's batches with the derived columns beside the declared ones. */
function* completed(spec: TableSpec, spool: Spool, columnsOf: (row: number) => object): Generator<RecordBatch> {
  const schema = schemaOf(spec);
  const columns = Object.entries(spec.columns).filter(([name]) => !(name in declaredColumns));
  const derived = new BatchBuilder({ name: 'derived', columns: Object.fromEntries(columns) });
  for (const { start, batch } of spool.batches()) {
    for (let offset = 0; offset < batch.numRows; offset += 1) derived.append(columnsOf(start + offset));
    const children = [...batch.data.children, ...derived.finish().data.children];
    const type = new arrow.Struct(schema.fields);
    yield new arrow.RecordBatch(schema, arrow.makeData({ type, length: batch.numRows, nullCount: 0, children }));
  }
}

function* pickRows(spool: Spool, wanted: Set<number>, columnsOf: (row: number) => object): Generator<object> {
  for (const { start, batch } of spool.batches()) {
    for (let offset = 0; offset < batch.numRows; offset += 1) {
      if (!wanted.has(start + offset)) continue;
      yield { ...(plain(batch.get(offset)) as object), ...columnsOf(start + offset) };
    }
  }
}

import type { Connection } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import type { Attached, EmbeddableRow, EmbeddingDataset, Reasons } from '../embed/dataset.ts';
import { batchesOf } from './batch.ts';
import { openTable } from './connection.ts';
import { addVectors, cachedHashes, keepOnly, readVectors, type VectorSet } from './embeddings.ts';
import { projectBatches } from './project.ts';
import { replaceIfChanged } from './replace.ts';
import { scanBatches, scanRows } from './scan.ts';
import { packagesTable } from './tables/packages.ts';
import { unembeddedTable, type UnembeddedRow } from './tables/unembedded.ts';
import { sameVectors, vectorColumn, type VectorColumn } from './vector-column.ts';
import { inConditions, mergeRows, overwriteTable } from './write.ts';

// Up to this share of rows changes are merged; beyond it a fresh table is smaller and quicker.
const mergeShare = 0.2;

const columns = [
  'package_id',
  'attribute_path',
  'package_name',
  'main_program',
  'description',
  'long_description',
  'category',
  'content_hash',
  'dependents',
  'module_references',
  'test_references',
];

/** A main dataset as the embedding phase uses it. */
export function embeddingDataset(connection: Connection): EmbeddingDataset {
  return {
    rows: async function* () {
      yield* scanRows<EmbeddableRow>(await openTable(connection, 'packages'), { columns });
    },
    current: async () => vectorColumn(await openTable(connection, 'packages')),
    known: (key) => cachedHashes(connection, key),
    add: (key, batches, options) => addVectors(connection, key, batches, options),
    attach: (column, reasons, options) => attach(connection, column, reasons, options),
  };
}

interface Presence {
  package_id: string;
  content_hash: string;
  has_embedding: boolean;
}

async function attach(
  connection: Connection,
  column: VectorColumn,
  reasons: Reasons,
  { anew }: { anew: boolean },
): Promise<Attached> {
  const table = await openTable(connection, 'packages');
  const vectors = await readVectors(connection, column);
  const touched: string[] = [];
  const without: UnembeddedRow[] = [];
  let total = 0;
  const presence = { columns: ['package_id', 'content_hash', 'has_embedding'] };
  for await (const { package_id, content_hash, has_embedding } of scanRows<Presence>(table, presence)) {
    total += 1;
    const there = vectors.has(content_hash);
    if (there !== has_embedding) touched.push(package_id);
    if (!there) without.push({ package_id, content_hash, ...(reasons.get(content_hash) ?? unexplained) });
  }
  const spec = packagesTable(column);
  const fresh = anew || !sameVectors(await vectorColumn(table), column) || touched.length > total * mergeShare;
  const rest = Object.keys(spec.columns).filter((name) => name !== 'vector');
  if (fresh) {
    const batches = withVectors(scanBatches(table, { columns: rest }), spec, vectors);
    await overwriteTable(connection, spec, batches);
    await keepOnly(connection, column);
  } else if (touched.length > 0) {
    const rows: RecordBatch[] = [];
    for (const where of inConditions('package_id', touched)) {
      const changed = completed(scanRows<Presence>(table, { columns: rest, where }), vectors);
      rows.push(...(await Array.fromAsync(batchesOf(spec, changed))));
    }
    await mergeRows(connection, spec, ['package_id'], rows, [], total);
  }
  await replaceIfChanged(connection, unembeddedTable, without, 'package_id');
  return { withVector: total - without.length, without: without.length, changed: fresh ? total : touched.length };
}

const unexplained = { reason: 'embedding was not asked for it', waits: true };

/** The packages with their vectors, all other columns as they are. */
function withVectors(
  batches: AsyncIterable<RecordBatch>,
  spec: ReturnType<typeof packagesTable>,
  vectors: VectorSet,
): AsyncGenerator<RecordBatch> {
  const rules = {
    has_embedding: { from: 'content_hash', value: (hash: unknown) => vectors.has(String(hash)) },
    vector: { from: 'content_hash', value: (hash: unknown) => vectors.get(String(hash)) },
  };
  return projectBatches(batches, spec, rules);
}

async function* completed(rows: AsyncIterable<Presence>, vectors: VectorSet): AsyncGenerator<object> {
  for await (const row of rows) {
    const vector = vectors.get(row.content_hash);
    yield { ...row, has_embedding: vector !== null, vector };
  }
}

import type { Connection } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import type { EmbeddedText, VectorKey } from '../embed/provider.ts';
import { openTable, openTableIfThere } from './connection.ts';
import { grown } from './buffers.ts';
import { scanBatches } from './scan.ts';
import { embeddingsTable } from './tables/embeddings.ts';
import { appendRows, inConditions, sqlText } from './write.ts';

const rowsPerWrite = 16_384;

/** Vectors by content hash, in one block of memory. */
export class VectorSet {
  readonly dimensions: number;
  readonly #places = new Map<string, number>();
  #values = new Float32Array(0);

  constructor(dimensions: number) {
    this.dimensions = dimensions;
  }

  get hashes(): ReadonlySet<string> {
    return new Set(this.#places.keys());
  }

  has(hash: string): boolean {
    return this.#places.has(hash);
  }

  get(hash: string): Float32Array | null {
    const place = this.#places.get(hash);
    return place === undefined ? null : this.#values.subarray(place, place + this.dimensions);
  }

  set(hash: string, vector: ArrayLike<number>): void {
    const place = this.#places.get(hash) ?? this.#places.size * this.dimensions;
    this.#places.set(hash, place);
    if (place + this.dimensions > this.#values.length) this.#values = grown(this.#values, place + this.dimensions);
    this.#values.set(vector, place);
  }
}

/** The cache's vectors of one model; none where there is no cache. */
export async function readVectors(connection: Connection, key: VectorKey): Promise<VectorSet> {
  const vectors = new VectorSet(key.dimensions);
  const table = await openTableIfThere(connection, embeddingsTable.name);
  if (table === null) return vectors;
  for await (const batch of scanBatches(table, { columns: ['content_hash', 'vector'], where: conditionOf(key) })) {
    addBatch(vectors, batch);
  }
  return vectors;
}

/** The texts that the cache has a vector of. */
export async function cachedHashes(connection: Connection, key: VectorKey): Promise<ReadonlySet<string>> {
  const hashes = new Set<string>();
  const table = await openTableIfThere(connection, embeddingsTable.name);
  if (table === null) return hashes;
  for await (const batch of scanBatches(table, { columns: ['content_hash'], where: conditionOf(key) })) {
    for (const hash of batch.getChildAt(0) ?? []) hashes.add(String(hash));
  }
  return hashes;
}

/**
 * Adds vectors to the cache; those that are there stay, or are replaced where that is asked for.
 * @returns how many were added
 */
export async function addVectors(
  connection: Connection,
  key: VectorKey,
  batches: AsyncIterable<EmbeddedText[]>,
  { replace }: { replace: boolean },
): Promise<number> {
  const there = await cachedHashes(connection, key);
  const { model, dimensions, normalize } = key;
  let rows: object[] = [];
  let added = 0;
  const write = async () => {
    await appendRows(connection, embeddingsTable, rows);
    added += rows.length;
    rows = [];
  };
  for await (const batch of batches) {
    const known = batch.filter(({ hash }) => there.has(hash)).map(({ hash }) => hash);
    if (replace) await remove(connection, key, known);
    const fresh = replace ? batch : batch.filter(({ hash }) => !there.has(hash));
    for (const { hash, vector } of fresh) rows.push({ content_hash: hash, model, dimensions, normalize, vector });
    if (rows.length >= rowsPerWrite) await write();
  }
  if (rows.length > 0) await write();
  return added;
}

/** Forgets the vectors of all other models. Returns how many there were. */
export async function keepOnly(connection: Connection, key: VectorKey): Promise<number> {
  const table = await openTableIfThere(connection, embeddingsTable.name);
  if (table === null) return 0;
  const condition = `NOT (${conditionOf(key)})`;
  const others = await table.countRows(condition);
  if (others > 0) {
    await table.delete(condition);
    await table.optimize({ cleanupOlderThan: new Date() });
  }
  return others;
}

async function remove(connection: Connection, key: VectorKey, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  const table = await openTable(connection, embeddingsTable.name);
  for (const condition of inConditions('content_hash', hashes))
    await table.delete(`${conditionOf(key)} AND ${condition}`);
}

function conditionOf({ model, dimensions, normalize }: VectorKey): string {
  return `model = ${sqlText(model)} AND dimensions = ${dimensions} AND normalize = ${normalize}`;
}

/** Takes the values out of Arrow's buffers, without an object for each. */
function addBatch(vectors: VectorSet, batch: RecordBatch): void {
  const hashes = batch.getChild('content_hash');
  const lists = batch.getChild('vector')?.data[0];
  const values = lists?.children[0]?.values as Float32Array | undefined;
  const offsets = lists?.valueOffsets as Int32Array | undefined;
  if (!hashes || !values || !offsets) return;
  for (let row = 0; row < batch.numRows; row++) {
    vectors.set(String(hashes.get(row)), values.subarray(offsets[row], offsets[row + 1]));
  }
}

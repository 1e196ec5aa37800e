import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedText, VectorKey } from './provider.ts';

const hashBytes = 32;

/**
 * Vectors that came and are not in the dataset yet, on disk: a run that is killed has lost none that was paid for. A file of records of
 * one size (hash, values) that only grows; a record that was cut off by a crash is dropped.
 */
export class VectorSpool {
  readonly #file: FileHandle;
  readonly #dimensions: number;
  readonly #hashes: Set<string>;
  #end: number;

  private constructor(file: FileHandle, dimensions: number, hashes: Set<string>, end: number) {
    this.#file = file;
    this.#dimensions = dimensions;
    this.#hashes = hashes;
    this.#end = end;
  }

  /** The texts that the spool of a state directory has a vector of; nothing is changed. */
  static async peek(stateDirectory: string, key: VectorKey): Promise<ReadonlySet<string>> {
    return hashesIn(await readFile(spoolPath(stateDirectory, key)).catch(() => Buffer.alloc(0)), key.dimensions);
  }

  static async open(stateDirectory: string, key: VectorKey): Promise<VectorSpool> {
    await mkdir(stateDirectory, { recursive: true });
    const path = spoolPath(stateDirectory, key);
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    const end = bytes.length - (bytes.length % recordSize(key.dimensions));
    const file = await open(path, bytes.length === 0 ? 'w+' : 'r+');
    await file.truncate(end);
    return new VectorSpool(file, key.dimensions, hashesIn(bytes, key.dimensions), end);
  }

  /** The texts that it has a vector of. */
  get hashes(): ReadonlySet<string> {
    return this.#hashes;
  }

  /** Adds vectors; they are on the disk when it returns. A text that is there already is left out. */
  async add(batch: readonly EmbeddedText[]): Promise<void> {
    const fresh = batch.filter(({ hash }) => !this.#hashes.has(hash));
    const bytes = Buffer.concat(fresh.flatMap(({ hash, vector }) => [Buffer.from(hash, 'hex'), bytesOf(vector)]));
    await this.#file.write(bytes, 0, bytes.length, this.#end);
    await this.#file.datasync();
    this.#end += bytes.length;
    for (const { hash } of fresh) this.#hashes.add(hash);
  }

  /** All vectors, in batches. */
  async *read(batchSize = 4096): AsyncGenerator<EmbeddedText[]> {
    const size = recordSize(this.#dimensions);
    for (let at = 0; at < this.#end; at += size * batchSize) {
      const bytes = Buffer.alloc(Math.min(size * batchSize, this.#end - at));
      await this.#file.read(bytes, 0, bytes.length, at);
      yield Array.from({ length: bytes.length / size }, (_, i) => recordAt(bytes, i * size, this.#dimensions));
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Forgets what a closed spool held. */
  static async remove(stateDirectory: string, key: VectorKey): Promise<void> {
    await rm(spoolPath(stateDirectory, key), { force: true });
  }
}

function spoolPath(stateDirectory: string, { model, dimensions, normalize }: VectorKey): string {
  const name = createHash('sha256').update(JSON.stringify([model, dimensions, normalize]));
  return join(stateDirectory, `vectors-${name.digest('hex').slice(0, 16)}.bin`);
}

function hashesIn(bytes: Buffer, dimensions: number): Set<string> {
  const size = recordSize(dimensions);
  const hashes = new Set<string>();
  for (let at = 0; at + size <= bytes.length; at += size) hashes.add(bytes.toString('hex', at, at + hashBytes));
  return hashes;
}

function recordSize(dimensions: number): number {
  return hashBytes + dimensions * 4;
}

function recordAt(bytes: Buffer, at: number, dimensions: number): EmbeddedText {
  const vector = new Float32Array(dimensions);
  bytesOf(vector).set(bytes.subarray(at + hashBytes, at + hashBytes + dimensions * 4));
  return { hash: bytes.toString('hex', at, at + hashBytes), vector };
}

function bytesOf(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { KnownError } from '../errors.ts';
import { byPath, type FileEntry } from './inventory.ts';
import { classify } from './layout.ts';

/** Bytes that a function and all its layers may have unzipped: Lambda's hard limit. */
const unzippedLimit = 262_144_000;

/** Bytes that are left beside LanceDB's own native module (153,604,160 in 0.30.0), which a reader of the dataset needs. */
export const roomBesideLanceDb = unzippedLimit - 153_604_160;

/** Where the dataset lies in the layer; Lambda unpacks layers under `/opt`. */
const layerFolder = 'fdnix.lancedb';

/** A zip as it was written. */
export interface Zip {
  file: string;
  /** Bytes of the zip. */
  zipped: number;
  /** Bytes of its contents. */
  unzipped: number;
  /** SHA-256 as Lambda tells it: base64. */
  sha256: string;
}

/**
 * Writes the layer's zip: entries sorted, one time, one mode, no extra fields, so that the same dataset gives the same bytes with
 * the same zlib. Throws a KnownError before anything is written where the contents are beyond Lambda's limit.
 */
export async function writeLayerZip(
  directory: string,
  files: FileEntry[],
  file: string,
  signal: AbortSignal,
): Promise<Zip> {
  checkSize(files);
  // A zip keeps local time without a zone: local fields, so that every zone writes the same.
  const mtime = new Date(1980, 0, 1);
  const zip = new ZipFile();
  const failed = new Promise<never>((_, reject) => zip.once('error', reject));
  for (const { path } of files.toSorted(byPath)) {
    const options = { mtime, mode: 0o100644, compress: true, compressionLevel: 6, forceDosTimestamp: true };
    zip.addFile(join(directory, path), `${layerFolder}/${path}`, options);
  }
  zip.end();
  const hash = createHash('sha256');
  let zipped = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      hash.update(chunk);
      zipped += chunk.length;
      callback(null, chunk);
    },
  });
  await Promise.race([pipeline(zip.outputStream, meter, createWriteStream(file), { signal }), failed]);
  return { file, zipped, unzipped: sizeOf(files), sha256: hash.digest('base64') };
}

/** Throws a KnownError that says how far the contents are over the limit and what is largest in them. */
export function checkSize(files: FileEntry[], limit = unzippedLimit): void {
  const unzipped = sizeOf(files);
  if (unzipped <= limit) return;
  const parts = largest(files)
    .slice(0, 4)
    .map(([name, size]) => `${name} ${size}`);
  throw new KnownError(
    `the layer would have ${unzipped} bytes unzipped, ${unzipped - limit} more than Lambda allows for a function with all its layers (${limit}). ` +
      `Largest: ${parts.join(', ')}. Nothing was uploaded; lower embedding.dimensions, or publish the dataset to S3 only (layer.publish false)`,
  );
}

/** What takes the space, by table and part, the largest first. */
export function largest(files: FileEntry[]): [name: string, bytes: number][] {
  const sizes = new Map<string, number>();
  for (const { path, size } of files) {
    const { table } = classify(path);
    const part = path.split('/')[1] ?? '';
    const name = `${table ?? 'files'} ${part === '_indices' ? 'indexes' : part.replace(/^_/, '')}`;
    sizes.set(name, (sizes.get(name) ?? 0) + size);
  }
  return [...sizes].toSorted(([, a], [, b]) => b - a);
}

function sizeOf(files: FileEntry[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

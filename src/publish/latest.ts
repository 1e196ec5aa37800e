import { createHash } from 'node:crypto';
import { KnownError, messageOf } from '../errors.ts';
import { parseInventory, serializeInventory, type PublishedFile } from './inventory.ts';
import { besideLatest } from './keys.ts';
import type { Bucket } from './s3-client.ts';
import { getText, putObject, type Condition } from './s3-objects.ts';
import { retrying, rootCause } from './retry.ts';
import { isTransient } from './service-errors.ts';

/** One whole of a dataset: where it lies and exactly which table versions belong together. */
export interface Snapshot {
  /** Key prefix of the LanceDB directory in the same bucket, without a slash at its end. */
  prefix: string;
  publishedAt: string;
  schemaVersion: number;
  /** The nixpkgs revision that it was made from. */
  revision: string | null;
  /** Rows by name: `packages`, `edges`, `vectors`, …. */
  counts: Record<string, number>;
  /** The version of each table that belongs to this whole. */
  tables: Record<string, number>;
  files: number;
  bytes: number;
  /** One checksum of all files, whatever prefix they lie below (see `contentOf`). */
  content: string;
  /** The list of its files, as an object of the same bucket. */
  inventory: { key: string; sha256: string };
  /** Why the guard was overruled, where it was. */
  forced?: string;
  /** Since when no reader is sent here and a rollback no longer goes here: its files go when the grace has passed. */
  retiredAt?: string;
}

/** The small file beside the prefixes that readers follow. */
export interface Latest extends Snapshot {
  format: 1;
  /** Other snapshots whose files are still there, the newest first. */
  others: Snapshot[];
  /** Contents that were rolled back and when, the newest first: they are not published again by themselves. */
  withdrawn?: { content: string; at: string }[];
}

/** `latest.json` as it was read, with the ETag that a conditional write needs. */
export interface LatestObject {
  latest: Latest;
  etag: string;
}

/** All snapshots that `latest.json` names, the current one first. */
export function snapshotsOf(latest: Latest): Snapshot[] {
  const { format: _format, others, withdrawn: _withdrawn, ...current } = latest;
  return [current, ...others];
}

/** The snapshots that are kept, the newest first: the current one and those to which a rollback can go. */
export function liveSnapshots(latest: Latest): Snapshot[] {
  return snapshotsOf(latest)
    .filter((snapshot) => snapshot.retiredAt === undefined)
    .toSorted((a, b) => (a.publishedAt < b.publishedAt ? 1 : -1));
}

/** Reads `latest.json`, or null where there is none. Throws a KnownError where it is not ours to understand. */
export async function readLatest(bucket: Bucket, key: string, signal: AbortSignal): Promise<LatestObject | null> {
  const object = await getSmall(bucket, key, signal);
  if (object === null) return null;
  return { latest: parseLatest(object.text, `s3://${bucket.name}/${key}`), etag: object.etag };
}

/** Writes `latest.json`; false where another publisher's is there by now. */
export async function writeLatest(
  bucket: Bucket,
  key: string,
  latest: Latest,
  condition: Condition,
  signal: AbortSignal,
): Promise<boolean> {
  const text = `${JSON.stringify(latest, null, 2)}\n`;
  const options = { contentType: 'application/json', cacheControl: 'no-cache', condition };
  if ((await putObject(bucket, key, Buffer.from(text), options, signal)) !== null) return true;
  return (await getSmall(bucket, key, signal))?.text === text;
}

/** Reads the inventory of a snapshot and checks it against its checksum. */
export async function readInventory(bucket: Bucket, snapshot: Snapshot, signal: AbortSignal): Promise<PublishedFile[]> {
  const { key, sha256 } = snapshot.inventory;
  const origin = `s3://${bucket.name}/${key}`;
  const object = await getSmall(bucket, key, signal);
  if (object === null) throw new KnownError(`${origin}: the inventory of the snapshot ${snapshot.prefix} is gone`);
  const found = createHash('sha256').update(object.text).digest('hex');
  if (found !== sha256) throw new KnownError(`${origin}: damaged (SHA-256 ${found}, expected ${sha256})`);
  return parseInventory(object.text, origin);
}

/** Uploads the inventory of a snapshot under a key made of its checksum, and answers both. */
export async function writeInventory(
  bucket: Bucket,
  latest: string,
  prefix: string,
  files: PublishedFile[],
  signal: AbortSignal,
): Promise<Snapshot['inventory']> {
  const body = serializeInventory(prefix, files);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const key = besideLatest(latest, `inventories/${sha256.slice(0, 32)}.json`);
  await putObject(bucket, key, body, { contentType: 'application/json', sha256 }, signal);
  return { key, sha256 };
}

async function getSmall(
  bucket: Bucket,
  key: string,
  signal: AbortSignal,
): Promise<{ text: string; etag: string } | null> {
  const rule = { attempts: bucket.settings.maxAttempts, helps: (error: unknown) => isTransient(rootCause(error)) };
  return await retrying(rule, signal, async () => await getText(bucket, key, signal));
}

/** Understands the text of a `latest.json`. */
export function parseLatest(text: string, origin: string): Latest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new KnownError(`${origin}: not JSON: ${messageOf(error)}`, { cause: error });
  }
  if (!isRecord(document) || typeof document['format'] !== 'number') {
    throw new KnownError(
      `${origin}: not written by fdnix-indexer (no 'format'); choose another key, nothing is overwritten`,
    );
  }
  if (document['format'] !== 1) {
    throw new KnownError(
      `${origin}: written by a newer fdnix-indexer (format ${document['format']}, this one knows 1); upgrade`,
    );
  }
  const { others } = document;
  if (!Array.isArray(others)) throw new KnownError(`${origin}: 'others' is not a list`);
  for (const snapshot of [document, ...(others as unknown[])]) {
    const problem = snapshotProblem(snapshot);
    if (problem !== null) throw new KnownError(`${origin}: ${problem}`);
  }
  return document as unknown as Latest;
}

function snapshotProblem(snapshot: unknown): string | null {
  if (!isRecord(snapshot)) return 'a snapshot is not an object';
  for (const name of ['prefix', 'publishedAt', 'content'] as const) {
    if (typeof snapshot[name] !== 'string') return `'${name}' of a snapshot is not a text`;
  }
  for (const name of ['schemaVersion', 'files', 'bytes'] as const) {
    if (typeof snapshot[name] !== 'number') return `'${name}' of a snapshot is not a number`;
  }
  for (const name of ['counts', 'tables'] as const) {
    const value = snapshot[name];
    if (!isRecord(value) || Object.values(value).some((count) => typeof count !== 'number'))
      return `'${name}' of a snapshot does not hold numbers`;
  }
  const { inventory } = snapshot;
  const known = isRecord(inventory) && typeof inventory['key'] === 'string' && typeof inventory['sha256'] === 'string';
  return known ? null : "'inventory' of a snapshot is not {key, sha256}";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

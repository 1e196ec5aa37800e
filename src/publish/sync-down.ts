import { mkdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { KnownError, codeOf } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { filesBelow, sha256OfFile, type FileEntry, type PublishedFile } from './inventory.ts';
import { liveSnapshots, readInventory, type Latest, type Snapshot } from './latest.ts';
import { readPublished, type Target } from './remote-state.ts';
import type { Bucket } from './s3-client.ts';
import { isMissing } from './service-errors.ts';
import { schemaVersion } from '../store/table.ts';
import { downloadFile } from './s3-transfer.ts';
import { rootCause } from './retry.ts';
import { inWindow } from './window.ts';

/** What a download brought. */
export interface Download {
  snapshot: Snapshot;
  files: number;
  bytes: number;
  /** Bytes that travelled: fewer than `bytes` where an earlier download was taken up. */
  downloadedBytes: number;
}

/**
 * Downloads a published snapshot (the current one, or the one whose prefix, revision or date of publication is named) and puts it
 * at `directory`, which must not exist, when every file is there with its checksum. A broken download is taken up where it
 * stopped. Answers null where nothing is published; throws a KnownError where what is there cannot be trusted or read.
 */
export async function downloadDataset(
  target: Target,
  directory: string,
  context: StageContext,
  wanted: string | null = null,
): Promise<Download | null> {
  const { bucket } = target;
  const { current } = await readPublished(target, { ...context, report: () => undefined });
  if (current === null) {
    if (wanted === null) return null;
    throw new KnownError(
      `s3://${bucket.name}: nothing is published under ${target.setting} '${target.template}', so there is no snapshot '${wanted}'`,
    );
  }
  const snapshot = choose(current.latest, wanted);
  checkSchema(snapshot, `s3://${bucket.name}/${snapshot.prefix}`);
  const files = await readInventory(bucket, snapshot, context.signal);
  const staging = join(dirname(directory), `.${basename(directory)}.download`);
  await refuseExisting(directory);
  await mkdir(staging, { recursive: true });
  const missing = await takeUp(staging, files, context.signal);
  await checkRoom(staging, missing);
  const downloadedBytes = await fetchAll(bucket, snapshot.prefix, staging, missing, context);
  await rename(staging, directory);
  return { snapshot, files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0), downloadedBytes };
}

function choose(latest: Latest, wanted: string | null): Snapshot {
  if (wanted === null) return latest;
  const live = liveSnapshots(latest);
  const found = live.find(
    ({ prefix, revision, publishedAt }) =>
      [prefix, revision, publishedAt].includes(wanted) || prefix.split('/').includes(wanted),
  );
  if (found) return found;
  throw new KnownError(
    `no snapshot '${wanted}'; there are ${live.map(({ prefix, publishedAt }) => `${prefix} of ${publishedAt}`).join(', ')}`,
  );
}

/** Throws a KnownError where a newer fdnix-indexer published: an older one must not go on from that. */
export function checkSchema(snapshot: Snapshot, uri: string): void {
  if (snapshot.schemaVersion <= schemaVersion) return;
  throw new KnownError(
    `${uri}: published by a newer fdnix-indexer (schema version ${snapshot.schemaVersion}, this one knows ${schemaVersion}); upgrade this one`,
  );
}

async function refuseExisting(directory: string): Promise<void> {
  try {
    await stat(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  throw new KnownError(`${directory}: exists; a download never replaces a dataset. Move it away and run again`);
}

/** Keeps what an earlier try finished, removes what is not of this snapshot, and answers the files that are missing. */
async function takeUp(staging: string, files: PublishedFile[], signal: AbortSignal): Promise<PublishedFile[]> {
  const wanted = new Map(files.map((file) => [file.path, file]));
  const missing = new Set(files);
  for (const path of await filesBelow(staging)) {
    const file = wanted.get(path);
    const local = join(staging, path);
    if (file && (await stat(local)).size === file.size && (await sha256OfFile(local, signal)) === file.sha256)
      missing.delete(file);
    else if (!wanted.has(path.replace(/\.part$/, ''))) await rm(local);
  }
  return [...missing];
}

async function checkRoom(staging: string, missing: FileEntry[]): Promise<void> {
  const { bavail, bsize } = await statfs(staging);
  const [free, needed] = [bavail * bsize, missing.reduce((sum, { size }) => sum + size, 0)];
  if (needed > free)
    throw new KnownError(
      `${staging}: ${needed} bytes are still to be downloaded, ${free} are free; make room and run again`,
    );
}

async function fetchAll(
  bucket: Bucket,
  prefix: string,
  staging: string,
  missing: PublishedFile[],
  { signal, report }: StageContext,
): Promise<number> {
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const meter = (): Transform =>
    new Transform({
      transform(chunk: Buffer, _encoding, callback) {
        done += chunk.length;
        report({ type: 'progress', task: `download ${prefix}`, done, total, unit: 'bytes' });
        callback(null, chunk);
      },
    });
  await inWindow(missing, bucket.settings.concurrency, signal, async (file) => {
    try {
      await downloadFile(bucket, `${prefix}/${file.path}`, join(staging, file.path), file, signal, meter);
    } catch (error) {
      if (!isMissing(rootCause(error))) throw error;
      throw new KnownError(
        `s3://${bucket.name}/${prefix}/${file.path}: is gone, though the snapshot's inventory names it; a newer one may be published: run again`,
        { cause: error },
      );
    }
  });
  return done;
}

import { join } from 'node:path';
import { KnownError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import type { FileEntry, PublishedFile } from './inventory.ts';
import { byVersion, classify, tableVersions } from './layout.ts';
import type { PublisherLock } from './lock.ts';
import type { Plan } from './plan.ts';
import { listRemote, type Destination } from './remote-state.ts';
import { rootCause } from './retry.ts';
import type { Bucket } from './s3-client.ts';
import { PermissionError, isMissing, isUnsupported } from './service-errors.ts';
import { copyObject, deleteObjects, headObject, type Condition, type ObjectInfo } from './s3-objects.ts';
import { partSize, uploadFile } from './s3-transfer.ts';
import { inWindow, together } from './window.ts';

/** What one upload moved. */
export interface Traffic {
  uploadedFiles: number;
  uploadedBytes: number;
  copiedFiles: number;
  copiedBytes: number;
}

interface Job {
  file: FileEntry;
  /** The object in the way that is replaced: left by a publisher that died, named by no live snapshot. */
  replaces?: ObjectInfo;
}

/**
 * Brings the files of a plan below the destination's prefix in the order that keeps readers safe: what is written once, then
 * manifests ascending by version, then refs. Ends when a new listing shows every file. Answers the files with their ETags.
 */
export async function syncUp(
  bucket: Bucket,
  directory: string,
  { prefix, remote, known }: Destination,
  plan: Plan,
  lock: PublisherLock,
  context: StageContext,
): Promise<{ files: PublishedFile[]; traffic: Traffic }> {
  const { signal } = lock;
  const done: PublishedFile[] = [...plan.stay];
  const jobs: Job[] = plan.upload.map((file) => ({ file }));
  const newest = tableVersions([
    ...plan.stay,
    ...plan.upload,
    ...plan.copy.map(({ file }) => file),
    ...plan.doubtful.map(({ file }) => file),
  ]);
  await inWindow(plan.doubtful, bucket.settings.concurrency, signal, async ({ file, object }) => {
    const head = await headObject(bucket, object.key, signal);
    const { kind, table, version } = classify(file.path);
    if (head?.size === file.size && head.sha256 === file.sha256) done.push({ ...file, etag: head.etag });
    else if (kind !== 'manifest') jobs.push({ file });
    else if (table !== null && version === newest[table]) jobs.push({ file, replaces: object });
    // An older manifest that differs belongs to no live snapshot: nobody is sent to it, and ours is not needed there.
  });
  const sender = new Sender(bucket, directory, prefix, lock, context, totalOf(jobs, plan));
  await inWindow(plan.copy, bucket.settings.concurrency, signal, async (item) => {
    const copied = isCopyable(item.file) && (await sender.copy(item));
    if (copied) done.push(copied);
    else jobs.push({ file: item.file });
  });
  const ofKind = (kind: string): Job[] => jobs.filter(({ file }) => classify(file.path).kind === kind);
  const [large, small] = [ofKind('data').filter(isLarge), ofKind('data').filter((job) => !isLarge(job))];
  const send = async ({ file }: Job): Promise<void> => void done.push(await sender.send(file, null));
  await together(signal, [
    (inner) => inWindow(large, 2, inner, send),
    (inner) => inWindow(small, bucket.settings.concurrency, inner, send),
  ]);
  await lock.check();
  for (const job of ofKind('manifest').toSorted((a, b) => byVersion(a.file, b.file)))
    done.push(await sender.sendManifest(job));
  for (const { file } of ofKind('ref')) done.push(await sender.send(file, null));
  await removeStrays(bucket, remote, newest, (path) => known.here.has(path), context);
  await verifyRemote(bucket, prefix, done, signal);
  return { files: done, traffic: sender.traffic };
}

function isLarge({ file }: Job): boolean {
  return file.size > partSize;
}

/** A copy in one call is limited to 5 GB; manifests and refs have their own order and are small. */
function isCopyable({ path, size }: FileEntry): boolean {
  return size < 5e9 && classify(path).kind === 'data';
}

function totalOf(jobs: Job[], { copy }: Plan): number {
  return [...jobs, ...copy].reduce((sum, { file }) => sum + file.size, 0);
}

class Sender {
  readonly traffic: Traffic = { uploadedFiles: 0, uploadedBytes: 0, copiedFiles: 0, copiedBytes: 0 };
  readonly #bucket: Bucket;
  readonly #directory: string;
  readonly #prefix: string;
  readonly #lock: PublisherLock;
  readonly #context: StageContext;
  readonly #total: number;

  constructor(
    bucket: Bucket,
    directory: string,
    prefix: string,
    lock: PublisherLock,
    context: StageContext,
    total: number,
  ) {
    this.#bucket = bucket;
    this.#directory = directory;
    this.#prefix = prefix;
    this.#lock = lock;
    this.#context = context;
    this.#total = total;
  }

  async send(file: FileEntry, condition: Condition): Promise<PublishedFile> {
    const etag = await this.#put(file, condition);
    if (etag === null) throw this.#collision(file);
    return { ...file, etag };
  }

  /** Answers null where the store cannot: then the file is sent. */
  async copy({ file, from }: { file: FileEntry; from: string }): Promise<PublishedFile | null> {
    let etag: string;
    try {
      etag = await copyObject(this.#bucket, from, this.#key(file), this.#lock.signal);
    } catch (error) {
      if (error instanceof PermissionError || isMissing(error) || isUnsupported(rootCause(error))) return null;
      throw error;
    }
    this.traffic.copiedFiles += 1;
    this.traffic.copiedBytes += file.size;
    this.#progress();
    return { ...file, etag };
  }

  /** A manifest is written only where none is; that it is there after all may be our own write whose reply was lost. */
  async sendManifest({ file, replaces }: Job): Promise<PublishedFile> {
    const condition: Condition = replaces === undefined ? { absent: true } : { etag: replaces.etag };
    const etag = await this.#put(file, this.#lock.conditional ? condition : null);
    if (etag !== null) return { ...file, etag };
    const head = await headObject(this.#bucket, this.#key(file), this.#lock.signal);
    if (head?.size === file.size && head.sha256 === file.sha256) return { ...file, etag: head.etag };
    throw this.#collision(file);
  }

  async #put(file: FileEntry, condition: Condition): Promise<string | null> {
    const etag = await uploadFile(
      this.#bucket,
      this.#key(file),
      join(this.#directory, file.path),
      file,
      this.#lock.signal,
      condition,
    );
    this.traffic.uploadedFiles += 1;
    this.traffic.uploadedBytes += file.size;
    this.#progress();
    return etag;
  }

  #progress(): void {
    const { uploadedBytes, copiedBytes, uploadedFiles, copiedFiles } = this.traffic;
    const detail = `${uploadedFiles + copiedFiles} files`;
    this.#context.report({
      type: 'progress',
      task: `publish ${this.#prefix}`,
      done: uploadedBytes + copiedBytes,
      total: this.#total,
      unit: 'bytes',
      detail,
    });
  }

  #collision(file: FileEntry): KnownError {
    const { table, version } = classify(file.path);
    return new KnownError(
      `s3://${this.#bucket.name}/${this.#key(file)}: another publisher wrote version ${version} of table ${table} meanwhile; ` +
        `this one stopped, latest.json still names the dataset of before or theirs. Run again`,
    );
  }

  #key(file: FileEntry): string {
    return `${this.#prefix}/${file.path}`;
  }
}

/** Manifests newer than ours that no live snapshot names were left by a publisher that died: readers of the prefix must not see them. */
async function removeStrays(
  bucket: Bucket,
  remote: Map<string, ObjectInfo>,
  newest: Record<string, number>,
  isKnown: (path: string) => boolean,
  { signal, report }: StageContext,
): Promise<void> {
  const strays = [...remote].filter(([path]) => {
    const { kind, table, version } = classify(path);
    return kind === 'manifest' && table !== null && (version ?? 0) > (newest[table] ?? Infinity) && !isKnown(path);
  });
  if (strays.length === 0) return;
  const keys = strays.map(([, { key }]) => key);
  try {
    await deleteObjects(bucket, keys, signal);
  } catch (error) {
    if (!(error instanceof PermissionError)) throw error;
    report({
      type: 'warning',
      message: `${keys.join(', ')} were left by a publisher that did not finish and stay: ${error.message}`,
    });
  }
}

/** Throws a KnownError where a fresh listing does not show each file with the size and the ETag that it was written with. */
export async function verifyRemote(
  bucket: Bucket,
  prefix: string,
  files: PublishedFile[],
  signal: AbortSignal,
): Promise<void> {
  const remote = await listRemote(bucket, prefix, signal);
  const wrong = files.filter(({ path, size, etag }) => {
    const object = remote.get(path);
    return object === undefined || object.size !== size || object.etag !== etag;
  });
  const [first] = wrong;
  if (first === undefined) return;
  const found = remote.get(first.path);
  const what =
    found === undefined
      ? 'is missing'
      : `has ${found.size} bytes and the ETag ${found.etag}, not ${first.size} and ${first.etag}`;
  throw new KnownError(
    `s3://${bucket.name}/${prefix}: ${wrong.length} of ${files.length} files are not as they should be; ${first.path} ${what}. latest.json was not changed; run again`,
  );
}

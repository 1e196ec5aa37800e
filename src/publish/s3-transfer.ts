import { AbortMultipartUploadCommand, GetObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { KnownError, codeOf } from '../errors.ts';
import { hashOfFile, type FileEntry } from './inventory.ts';
import { retrying, rootCause } from './retry.ts';
import { request, type Bucket } from './s3-client.ts';
import { isTransient } from './service-errors.ts';
import { checksumMetadata, objectOptions, putObject, type Condition } from './s3-objects.ts';

/** Files above this many bytes go up in parts. */
export const partSize = 8 << 20;

/**
 * Uploads a file, in parts where it is large, and answers its ETag, or null where the condition did not hold. Memory stays below
 * six parts a file. Throws a KnownError where the file is no longer what the entry says.
 */
export async function uploadFile(
  bucket: Bucket,
  key: string,
  file: string,
  entry: FileEntry,
  signal: AbortSignal,
  condition: Condition = null,
): Promise<string | null> {
  const { sha256 } = entry;
  // A condition goes with one call alone; what is written under one (manifests) is small anyway.
  if (entry.size > partSize && condition === null) {
    const size = partSizeOf(entry.size);
    const open = (): Readable => createReadStream(file, { highWaterMark: size });
    return await uploadStream(bucket, key, open, { sha256, size: entry.size }, signal);
  }
  const body = await readFile(file, { signal });
  if (body.length !== entry.size)
    throw new KnownError(`${file}: changed while it was published (${entry.size} bytes before, ${body.length} now)`);
  return await putObject(bucket, key, body, { sha256, condition }, signal);
}

export interface StreamOptions {
  /** Bytes, where known beforehand. */
  size?: number;
  sha256?: string;
  contentType?: string;
  contentEncoding?: string;
}

/** Uploads what `open` streams, in parts; a try that failed begins with a stream of its own. Parts of a failed try are removed. */
export async function uploadStream(
  bucket: Bucket,
  key: string,
  open: () => Readable,
  { size = 0, sha256, contentType, contentEncoding }: StreamOptions,
  signal: AbortSignal,
): Promise<string> {
  const send = async (): Promise<string> => {
    const body = open();
    const abort = new AbortController();
    const onAbort = (): void => abort.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    const upload = new Upload({
      client: bucket.client,
      params: {
        Bucket: bucket.name,
        Key: key,
        Body: body,
        ...objectOptions(bucket),
        Metadata: sha256 === undefined ? undefined : { [checksumMetadata]: sha256 },
        ContentType: contentType,
        ContentEncoding: contentEncoding,
      },
      queueSize: 3,
      partSize: partSizeOf(size),
      leavePartsOnError: true,
      abortController: abort,
    });
    try {
      return (await upload.done()).ETag ?? '';
    } catch (error) {
      if (upload.uploadId !== undefined) await abortUpload(bucket, key, upload.uploadId).catch(() => undefined);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      body.destroy();
    }
  };
  return await request(bucket, { action: 's3:PutObject', key }, signal, send);
}

/** Bytes of a part, so that there are fewer than the 10,000 that S3 takes. */
function partSizeOf(size: number): number {
  return Math.max(partSize, Math.ceil(size / 9_000));
}

async function abortUpload(bucket: Bucket, key: string, uploadId: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket.name, Key: key, UploadId: uploadId });
  await bucket.client.send(command, { abortSignal: AbortSignal.timeout(10_000) });
}

/** Removes parts that uploads which were killed before the given time left below a prefix; answers how many uploads. */
export async function abandonUploads(
  bucket: Bucket,
  prefix: string,
  before: number,
  signal: AbortSignal,
): Promise<number> {
  const list = new ListMultipartUploadsCommand({ Bucket: bucket.name, Prefix: prefix });
  const { Uploads = [] } = await request(bucket, { action: 's3:ListBucketMultipartUploads', key: null }, signal, () =>
    bucket.client.send(list, { abortSignal: signal }),
  );
  let count = 0;
  for (const { Key, UploadId, Initiated } of Uploads) {
    if (Key === undefined || UploadId === undefined || (Initiated?.getTime() ?? Infinity) >= before) continue;
    await request(bucket, { action: 's3:AbortMultipartUpload', key: Key }, signal, () =>
      abortUpload(bucket, Key, UploadId),
    );
    count += 1;
  }
  return count;
}

/**
 * Downloads an object to a file, going on where an earlier try stopped, and checks size and SHA-256 before the file gets its name.
 * Throws a KnownError where the bytes are not those of the inventory or the disk is full.
 */
export async function downloadFile(
  bucket: Bucket,
  key: string,
  file: string,
  entry: FileEntry,
  signal: AbortSignal,
  meter: () => Transform,
): Promise<void> {
  const part = `${file}.part`;
  await mkdir(dirname(file), { recursive: true });
  const rule = {
    attempts: bucket.settings.maxAttempts,
    helps: (error: unknown) => error instanceof WrongBytes || isTransient(rootCause(error)),
  };
  try {
    await retrying(rule, signal, async () => {
      const found = await fetchRest(bucket, key, part, entry.size, signal, meter);
      if (found === entry.sha256) return;
      await rm(part);
      throw new WrongBytes(
        `s3://${bucket.name}/${key}: the bytes are not those of the inventory (SHA-256 ${found}, expected ${entry.sha256})`,
      );
    });
    await rename(part, file);
  } catch (error) {
    const code = codeOf(rootCause(error));
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw new KnownError(
      `${file}: the disk is full; ${entry.size} bytes are needed for this file; make room and run again, it goes on from there`,
      { cause: error },
    );
  }
}

class WrongBytes extends KnownError {}

/** Fetches what a partial file lacks; answers the SHA-256 (hex) of all of it, taken while the bytes pass. */
async function fetchRest(
  bucket: Bucket,
  key: string,
  part: string,
  size: number,
  signal: AbortSignal,
  meter: () => Transform,
): Promise<string> {
  let have = await sizeOf(part);
  if (have > size) {
    await rm(part);
    have = 0;
  }
  const known = have > 0 ? await hashOfFile(part, signal) : null;
  if (known !== null && have === size) return known.digest('hex');
  const command = new GetObjectCommand({
    Bucket: bucket.name,
    Key: key,
    ...(have > 0 ? { Range: `bytes=${have}-` } : {}),
  });
  const reply = await request(bucket, { action: 's3:GetObject', key }, signal, () =>
    bucket.client.send(command, { abortSignal: signal }),
  );
  if (!(reply.Body instanceof Readable)) throw new KnownError(`s3://${bucket.name}/${key}: the reply has no body`);
  const rest = reply.ContentRange === undefined ? null : known;
  const hash = rest ?? createHash('sha256');
  const flags = rest === null ? 'w' : 'a';
  const metered = meter().on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(reply.Body, metered, createWriteStream(part, { flags, highWaterMark: 1 << 20 }), { signal });
  const now = await sizeOf(part);
  if (now === size) return hash.digest('hex');
  throw Object.assign(new KnownError(`s3://${bucket.name}/${key}: ${now} of ${size} bytes arrived`), {
    cause: truncated(),
  });
}

function truncated(): Error {
  return Object.assign(new Error('premature end'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

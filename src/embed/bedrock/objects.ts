import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { KnownError, messageOf } from '../../errors.ts';
import { failureKind } from './failure.ts';

/** A bucket, and whose it is. */
export interface Bucket {
  name: string;
  owner: string | null;
}

const readAttempts = 5;

/** Uploads a file. */
export async function putFile(
  s3: S3Client,
  bucket: Bucket,
  key: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const { size } = await stat(path);
  // A stream cannot be sent twice, hence a new one for each attempt.
  await patiently(signal, () =>
    s3.send(
      new PutObjectCommand({
        ...at(bucket),
        Key: key,
        Body: createReadStream(path),
        ContentLength: size,
        ContentType: 'application/jsonl',
      }),
      { abortSignal: signal },
    ),
  ).catch((error: unknown) => {
    throw explained(error, 'written', bucket, key);
  });
}

export async function putText(
  s3: S3Client,
  bucket: Bucket,
  key: string,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const command = new PutObjectCommand({ ...at(bucket), Key: key, Body: text, ContentType: 'application/json' });
  await patiently(signal, () => s3.send(command, { abortSignal: signal })).catch((error: unknown) => {
    throw explained(error, 'written', bucket, key);
  });
}

/** The keys under a prefix. */
export async function listKeys(s3: S3Client, bucket: Bucket, prefix: string, signal: AbortSignal): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const command: ListObjectsV2Command = new ListObjectsV2Command({
      ...at(bucket),
      Prefix: prefix,
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const page = await patiently(signal, () => s3.send(command, { abortSignal: signal })).catch((error: unknown) => {
      throw explained(error, 'listed', bucket, prefix);
    });
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}

/** Deletes objects; throws where some could not be. */
export async function deleteKeys(
  s3: S3Client,
  bucket: Bucket,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (let start = 0; start < keys.length; start += 1000) {
    const Objects = keys.slice(start, start + 1000).map((Key) => ({ Key }));
    const command = new DeleteObjectsCommand({ ...at(bucket), Delete: { Objects, Quiet: true } });
    const { Errors: [first] = [] } = await patiently(signal, () => s3.send(command, { abortSignal: signal })).catch(
      (error: unknown) => {
        throw explained(error, 'deleted from', bucket, '');
      },
    );
    if (first)
      throw new KnownError(
        `s3://${bucket.name}/${first.Key ?? ''} cannot be deleted: ${first.Message ?? first.Code ?? ''}`,
      );
  }
}

/**
 * The lines of an object, read as a stream and split at line feeds alone (other line ends can stand inside JSON strings). Where the
 * connection breaks the object is read again from its start, so that lines can come twice. Null where there is no such object.
 */
export async function* readLines(
  s3: S3Client,
  bucket: Bucket,
  key: string,
  signal: AbortSignal,
): AsyncGenerator<string, boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ ...at(bucket), Key: key }), { abortSignal: signal });
      if (Body) yield* splitLines(Body as unknown as AsyncIterable<Buffer>);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const kind = failureKind(error);
      if (kind === 'missing') return false;
      if (kind === 'denied' || attempt >= readAttempts) throw explained(error, 'read', bucket, key);
      await sleep(200 * 2 ** attempt, undefined, { signal });
    }
  }
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield Buffer.concat(parts).toString('utf8');
}

/** Beyond the SDK's own retries, since hours of waiting should not end with one bad minute. */
async function patiently<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const kind = failureKind(error);
      if ((kind !== 'throttled' && kind !== 'unknown') || attempt >= 4) throw error;
      await sleep(500 * 2 ** attempt, undefined, { signal });
    }
  }
}

function at({ name, owner }: Bucket): { Bucket: string; ExpectedBucketOwner?: string } {
  return { Bucket: name, ...(owner !== null && { ExpectedBucketOwner: owner }) };
}

function explained(
  error: unknown,
  verb: 'read' | 'written' | 'listed' | 'deleted from',
  bucket: Bucket,
  key: string,
): unknown {
  const name = error instanceof Error ? error.name : '';
  if (name === 'AbortError') return error;
  return new KnownError(`s3://${bucket.name}/${key} cannot be ${verb}: ${name}: ${messageOf(error)}`, { cause: error });
}

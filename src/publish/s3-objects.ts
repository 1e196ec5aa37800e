import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { retrying, rootCause } from './retry.ts';
import { request, type Bucket } from './s3-client.ts';
import { PermissionError, isConditionalConflict, isMissing, isPreconditionFailed } from './service-errors.ts';

/** An object as a listing or a HEAD shows it. */
export interface ObjectInfo {
  key: string;
  size: number;
  etag: string;
  /** Milliseconds since the epoch. */
  modified: number;
}

/** Under which condition an object is written: only where none is there, or only over exactly this version. */
export type Condition = { absent: true } | { etag: string } | null;

/** Name of the metadata that every object of ours carries, so that a HEAD tells its content: SHA-256 in hex. */
export const checksumMetadata = 'fdnix-sha256';

/** Options that all new objects share: storage class and encryption. */
export function objectOptions({ settings }: Bucket): {
  StorageClass?: StorageClass;
  ServerSideEncryption?: 'aws:kms';
  SSEKMSKeyId?: string;
} {
  return {
    ...(settings.storageClass === null ? {} : { StorageClass: settings.storageClass as StorageClass }),
    ...(settings.kmsKeyId === null ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: settings.kmsKeyId }),
  };
}

/** Lists all objects whose key begins with the prefix. */
export async function listObjects(bucket: Bucket, prefix: string, signal: AbortSignal): Promise<ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  let token: string | undefined;
  do {
    const input = { Bucket: bucket.name, Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }) };
    const page = await request(bucket, { action: 's3:ListBucket', key: null }, signal, () =>
      bucket.client.send(new ListObjectsV2Command(input), { abortSignal: signal }),
    );
    for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
      if (Key !== undefined)
        objects.push({ key: Key, size: Size ?? 0, etag: ETag ?? '', modified: LastModified?.getTime() ?? 0 });
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return objects;
}

/** Size, ETag and our checksum (null where another tool wrote it) of an object, or null where there is none. */
export async function headObject(
  bucket: Bucket,
  key: string,
  signal: AbortSignal,
): Promise<(ObjectInfo & { sha256: string | null; encoding: string | null }) | null> {
  try {
    const head = await request(bucket, { action: 's3:GetObject', key }, signal, () =>
      bucket.client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: key }), { abortSignal: signal }),
    );
    return {
      key,
      size: head.ContentLength ?? 0,
      etag: head.ETag ?? '',
      modified: head.LastModified?.getTime() ?? 0,
      sha256: head.Metadata?.[checksumMetadata] ?? null,
      encoding: encodingOf(head.ContentEncoding),
    };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** `aws-chunked` is how the bytes travelled, though some stores keep it. */
function encodingOf(header: string | undefined): string | null {
  const encodings = (header ?? '').split(',').map((name) => name.trim());
  return encodings.find((name) => name !== '' && name !== 'aws-chunked') ?? null;
}

/** A small object's text and ETag, or null where there is none. */
export async function getText(
  bucket: Bucket,
  key: string,
  signal: AbortSignal,
): Promise<{ text: string; etag: string; modified: number } | null> {
  try {
    return await request(bucket, { action: 's3:GetObject', key }, signal, async () => {
      const reply = await bucket.client.send(new GetObjectCommand({ Bucket: bucket.name, Key: key }), {
        abortSignal: signal,
      });
      return {
        text: (await reply.Body?.transformToString()) ?? '',
        etag: reply.ETag ?? '',
        modified: reply.LastModified?.getTime() ?? 0,
      };
    });
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export interface PutOptions {
  contentType?: string;
  contentEncoding?: string;
  cacheControl?: string;
  /** SHA-256 (hex) of the content, kept as metadata. */
  sha256?: string;
  condition?: Condition;
}

/**
 * Writes an object from memory. With a condition it answers null where the condition did not hold; a write that met another one
 * under way is tried again.
 */
export async function putObject(
  bucket: Bucket,
  key: string,
  body: Buffer,
  options: PutOptions,
  signal: AbortSignal,
): Promise<string | null> {
  const { contentType, contentEncoding, cacheControl, sha256, condition = null } = options;
  const command = new PutObjectCommand({
    Bucket: bucket.name,
    Key: key,
    Body: body,
    ContentLength: body.length,
    ...objectOptions(bucket),
    ContentType: contentType,
    ContentEncoding: contentEncoding,
    CacheControl: cacheControl,
    Metadata: sha256 === undefined ? undefined : { [checksumMetadata]: sha256 },
    ...headersOf(condition),
  });
  if (sha256 !== undefined) signWith(command, sha256);
  const helps = (error: unknown): boolean => condition !== null && isConditionalConflict(rootCause(error));
  try {
    return await retrying({ attempts: bucket.settings.maxAttempts, helps }, signal, async () => {
      const reply = await request(bucket, { action: 's3:PutObject', key }, signal, () =>
        bucket.client.send(command, { abortSignal: signal }),
      );
      return reply.ETag ?? '';
    });
  } catch (error) {
    if (condition !== null && (isPreconditionFailed(error) || isMissing(error))) return null;
    throw error;
  }
}

/** The signature is made with the hash that is known, so that the store refuses bytes which are not those of the inventory. */
function signWith(command: PutObjectCommand, sha256: string): void {
  command.middlewareStack.add(
    (next) => async (args) => {
      (args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] = sha256;
      return await next(args);
    },
    { step: 'build', name: 'fdnixPayloadHash' },
  );
}

function headersOf(condition: Condition): { IfNoneMatch?: string; IfMatch?: string } {
  if (condition === null) return {};
  return 'absent' in condition ? { IfNoneMatch: '*' } : { IfMatch: condition.etag };
}

/** Copies an object within the bucket without its bytes travelling; answers the new ETag. */
export async function copyObject(bucket: Bucket, from: string, to: string, signal: AbortSignal): Promise<string> {
  const command = new CopyObjectCommand({
    Bucket: bucket.name,
    Key: to,
    CopySource: [bucket.name, ...from.split('/')].map(encodeURIComponent).join('/'),
    ...objectOptions(bucket),
  });
  const reply = await request(bucket, { action: 's3:PutObject', key: to }, signal, () =>
    bucket.client.send(command, { abortSignal: signal }),
  );
  return reply.CopyObjectResult?.ETag ?? '';
}

/** Deletes objects, up to 1,000 a call, in the order given; what the store refused to delete is an error. */
export async function deleteObjects(bucket: Bucket, keys: string[], signal: AbortSignal): Promise<void> {
  for (let start = 0; start < keys.length; start += 1000) {
    const chunk = keys.slice(start, start + 1000);
    const command = new DeleteObjectsCommand({
      Bucket: bucket.name,
      Delete: { Objects: chunk.map((Key) => ({ Key })), Quiet: true },
    });
    const call = { action: 's3:DeleteObject', key: chunk[0] ?? '*' };
    const reply = await request(bucket, call, signal, () => bucket.client.send(command, { abortSignal: signal }));
    const failed = reply.Errors?.[0];
    if (failed === undefined) continue;
    const cause = Object.assign(new Error(failed.Message ?? ''), { name: failed.Code ?? 'Error' });
    if (failed.Code === 'AccessDenied')
      throw new PermissionError('s3:DeleteObject', `arn:aws:s3:::${bucket.name}/${failed.Key ?? ''}`, cause);
    await request(bucket, { action: 's3:DeleteObject', key: failed.Key ?? null }, signal, () => Promise.reject(cause));
  }
}

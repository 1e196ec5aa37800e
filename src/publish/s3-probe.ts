import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { KnownError } from '../errors.ts';
import { latestKey } from './keys.ts';
import { readLatest } from './latest.ts';
import type { Target } from './remote-state.ts';
import { openBucket, request, type Bucket, type S3Settings } from './s3-client.ts';
import { listObjects } from './s3-objects.ts';
import { isMissing } from './service-errors.ts';

/** What the SDK's chain finds: which key, until when, and which region. Throws where it finds none. */
export async function probeCredentials(
  settings: Omit<S3Settings, 'bucket'>,
): Promise<{ accessKeyId: string; expiration: Date | null; region: string }> {
  const { client } = openBucket({ ...settings, bucket: 'none' });
  try {
    const { accessKeyId, expiration = null } = await client.config.credentials();
    return { accessKeyId, expiration, region: await client.config.region() };
  } finally {
    client.destroy();
  }
}

/** Throws a KnownError where the bucket is not there, lies in another region, or must not be listed. */
export async function probeBucket(bucket: Bucket, signal: AbortSignal): Promise<void> {
  const call = { action: 's3:ListBucket', key: null };
  const send = () => bucket.client.send(new HeadBucketCommand({ Bucket: bucket.name }), { abortSignal: signal });
  try {
    await request(bucket, call, signal, send);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new KnownError(`there is no bucket '${bucket.name}'; check s3.bucket and aws.endpoints.s3`, { cause: error });
  }
}

/** When the current snapshot of a dataset was published, or null where none is. Throws a KnownError where it cannot be read. */
export async function probeTarget({ bucket, template }: Target, signal: AbortSignal): Promise<string | null> {
  const key = latestKey(template);
  await listObjects(bucket, key, signal);
  return (await readLatest(bucket, key, signal))?.latest.publishedAt ?? null;
}

import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { freshCredentials } from '../aws-credentials.ts';
import { arnOf, isExpired, serviceFailure } from './service-errors.ts';

/** How a bucket is reached and what new objects are like; keys that are null follow the SDK's chain or the bucket. */
export interface S3Settings {
  bucket: string;
  region: string | null;
  endpoint: string | null;
  pathStyle: boolean | 'auto';
  /** Tries of a call, the first included. */
  maxAttempts: number;
  /** Transfers at a time. */
  concurrency: number;
  storageClass: NonNullable<S3ClientConfig['region']> | null;
  kmsKeyId: string | null;
}

/** A bucket with the client that reaches it. */
export interface Bucket {
  name: string;
  client: S3Client;
  settings: S3Settings;
}

/** What a call does, for messages: an IAM action, and the key that it concerns (null for the bucket itself). */
export interface S3Call {
  action: string;
  key: string | null;
}

/** Milliseconds for a connection, and for a socket on which nothing moves; a request that exceeds them is tried again. */
export interface Timeouts {
  connect: number;
  idle: number;
}

/** Opens a client for the bucket; no call is made. Credentials come from the SDK's chain. */
export function openBucket(settings: S3Settings, timeouts: Timeouts = { connect: 10_000, idle: 60_000 }): Bucket {
  const client = new S3Client({
    ...(settings.region === null
      ? settings.endpoint === null
        ? {}
        : { region: process.env['AWS_REGION'] ?? 'us-east-1' }
      : { region: settings.region }),
    ...(settings.endpoint === null ? {} : { endpoint: settings.endpoint }),
    forcePathStyle: settings.pathStyle === 'auto' ? settings.endpoint !== null : settings.pathStyle,
    maxAttempts: settings.maxAttempts,
    credentialDefaultProvider: freshCredentials,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: timeouts.connect,
      socketTimeout: timeouts.idle,
      httpAgent: { keepAlive: true, maxSockets: settings.concurrency * 2 + 4 },
      httpsAgent: { keepAlive: true, maxSockets: settings.concurrency * 2 + 4 },
    }),
  });
  return { name: settings.bucket, client, settings };
}

/**
 * Makes one call. Credentials that expired in mid-run are asked for once more; every other failure that the SDK's retries did
 * not overcome becomes a KnownError that names the action and the resource.
 */
export async function request<T>(
  bucket: Bucket,
  call: S3Call,
  signal: AbortSignal,
  send: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  try {
    try {
      return await send();
    } catch (error) {
      if (!isExpired(error)) throw error;
      await bucket.client.config.credentials({ forceRefresh: true });
      return await send();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw serviceFailure(error, {
      ...bucket.settings,
      action: call.action,
      resource: arnOf(bucket.name, call.key),
      endpointKey: 'aws.endpoints.s3',
      missing: 's3.bucket',
    });
  }
}

import { KnownError, UsageError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { latestKey } from './keys.ts';
import { readLatest, type Snapshot } from './latest.ts';
import { openBucket, type S3Settings } from './s3-client.ts';

/** Where a dataset on S3 is read, and how. */
export interface RemoteDataset {
  /** Address of the LanceDB directory. */
  uri: string;
  /** Options of LanceDB's own object store: the same region, endpoint and credentials as our calls. */
  storageOptions: Record<string, string>;
  /** The version of each table that belongs to one whole; null where no `latest.json` speaks of this prefix. */
  tables: Record<string, number> | null;
  snapshot: Snapshot | null;
}

/** Whether an address is one of S3. */
export function isS3(uri: string): boolean {
  return /^s3:\/\//i.test(uri);
}

/**
 * Finds out how to read `s3://bucket/key`, where the key is that of a `latest.json`, of a dataset's prefix, or a prefix with
 * `{date}` or `{revision}` as it is configured. `latest.json` is followed: it says which prefix and which table versions.
 */
export async function locateDataset(
  uri: string,
  settings: Omit<S3Settings, 'bucket'>,
  { signal }: Pick<StageContext, 'signal'>,
): Promise<RemoteDataset> {
  const { bucket: name, key } = parseUri(uri);
  const bucket = openBucket({ ...settings, bucket: name });
  try {
    const latest = await readLatest(bucket, key.endsWith('latest.json') ? key : latestKey(key), signal);
    const storageOptions = await storageOptionsOf(bucket.client.config, { ...settings, bucket: name });
    const snapshot = latest?.latest ?? null;
    if (key.endsWith('latest.json') || /[{}]/.test(key)) {
      if (snapshot === null) throw new KnownError(`${uri}: nothing is published there`);
      return { uri: `s3://${name}/${snapshot.prefix}`, storageOptions, tables: snapshot.tables, snapshot };
    }
    const known = snapshot?.prefix === key ? snapshot : null;
    return { uri: `s3://${name}/${key}`, storageOptions, tables: known?.tables ?? null, snapshot: known };
  } finally {
    bucket.client.destroy();
  }
}

function parseUri(uri: string): { bucket: string; key: string } {
  const { bucket, key } = /^s3:\/\/(?<bucket>[^/]+)\/(?<key>.+?)\/?$/i.exec(uri)?.groups ?? {};
  if (bucket === undefined || key === undefined) throw new UsageError(`'${uri}': not of the form s3://bucket/key`);
  return { bucket, key };
}

type Resolvable = Pick<ReturnType<typeof openBucket>['client']['config'], 'credentials' | 'region'>;

/** LanceDB takes no credentials chain of ours, so what the SDK's chain finds is handed over. */
async function storageOptionsOf(
  config: Resolvable,
  { endpoint, pathStyle, bucket }: S3Settings,
): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken } = await config.credentials();
  const inPath = pathStyle === 'auto' ? endpoint !== null || bucket.includes('.') : pathStyle;
  return {
    region: await config.region(),
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(endpoint === null ? {} : { endpoint, allowHttp: String(endpoint.startsWith('http://')) }),
    virtualHostedStyleRequest: String(!inPath),
  };
}

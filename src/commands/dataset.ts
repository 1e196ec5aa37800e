import { resolve } from 'node:path';
import type { Connection, Table } from '@lancedb/lancedb';
import type { Config } from '../config/config.generated.ts';
import { KnownError, UsageError } from '../errors.ts';
import type { CommandContext } from './define.ts';
import { connectDataset, openTable } from '../store/connection.ts';
import { readableDirectory } from '../store/place.ts';
import { schemaVersion } from '../store/table.ts';
import { lastOf } from './global.ts';

/** The option of every command that reads a dataset. */
export const datasetOption = {
  dataset: {
    type: 'string',
    requiresArg: true,
    describe: 'Dataset to read: a directory or an s3:// address (default: output.path, else output.minifiedPath)',
    coerce: lastOf('dataset'),
  },
} as const;

/** A dataset that is open for reading. */
export interface OpenDataset {
  uri: string;
  connection: Connection;
  packages: Table;
}

/**
 * Opens the dataset that an option names, or the one that the configuration writes: the main one if it is there, else the
 * minified one, else what is published of them. On S3, `latest.json` is followed.
 */
export async function openDataset(
  config: Config,
  wanted: string | undefined,
  { cwd, signal }: Pick<CommandContext, 'cwd' | 'signal'>,
): Promise<OpenDataset> {
  const local = [config.output.path, config.output.minifiedPath].find(
    (path) => readableDirectory(resolve(cwd, path)) !== null,
  );
  const uri = wanted ?? local ?? publishedAddress(config) ?? config.output.path;
  const connection = await connect(config, uri, cwd, signal);
  const packages = await openTable(connection, 'packages');
  await expectReadable(packages, uri);
  return { uri, connection, packages };
}

/** Tables of the Python system, or of a version to come, lack the columns that are read or mean something else by them. */
async function expectReadable(packages: Table, uri: string): Promise<void> {
  const version = (await packages.schema()).metadata.get('schema_version');
  if (version === String(schemaVersion)) return;
  const found =
    version === undefined
      ? "is no dataset of fdnix-indexer but another one's, such as the Python system's: its tables have no schema_version"
      : `has schema_version ${version}, and this version of fdnix-indexer reads ${schemaVersion}`;
  throw new KnownError(`${uri} ${found}`);
}

/** Connects to the dataset at an address, in the versions that `latest.json` names where it is on S3. */
export async function connect(config: Config, uri: string, cwd: string, signal: AbortSignal): Promise<Connection> {
  if (!/^[a-z0-9]+:\/\//i.test(uri)) return await connectDataset(resolve(cwd, uri));
  const { isS3, locateDataset } = await import('../publish/s3-location.ts');
  if (!isS3(uri)) throw new UsageError(`${uri}: a dataset is a directory or an s3:// address`);
  const { s3Access } = await import('../publish/settings.ts');
  const { uri: address, storageOptions, tables } = await locateDataset(uri, s3Access(config), { signal });
  return await connectDataset(address, { storageOptions, versions: tables });
}

function publishedAddress({ s3: { bucket, minifiedKey, dataKey } }: Config): string | null {
  const key = minifiedKey ?? dataKey;
  return bucket === null || key === null ? null : `s3://${bucket}/${key}`;
}

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Connection, Table } from '@lancedb/lancedb';
import type { Config } from '../config/config.generated.ts';
import { connectDataset, openTable } from '../store/connection.ts';
import type { StorageOptions } from '../store/connection.ts';
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

/** Opens the dataset that an option names, or the one that the configuration writes: the main one if it is there, else the minified one. */
export async function openDataset(config: Config, wanted: string | undefined, cwd: string): Promise<OpenDataset> {
  const uri =
    wanted ??
    [config.output.path, config.output.minifiedPath].find((path) => existsSync(resolve(cwd, path))) ??
    config.output.path;
  const remote = /^[a-z0-9]+:\/\//.test(uri);
  const connection = await connectDataset(remote ? uri : resolve(cwd, uri), { storageOptions: storageOptions(config) });
  return { uri, connection, packages: await openTable(connection, 'packages') };
}

/** Region and endpoint for LanceDB's own object store; credentials come from its own chain. */
function storageOptions({ aws }: Config): StorageOptions {
  const options: StorageOptions = {};
  if (aws.region) options['region'] = aws.region;
  if (aws.endpoints.s3) {
    options['endpoint'] = aws.endpoints.s3;
    options['virtual_hosted_style_request'] = 'false';
    if (aws.endpoints.s3.startsWith('http:')) options['allow_http'] = 'true';
  }
  return options;
}

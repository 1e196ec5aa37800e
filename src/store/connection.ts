import type { Connection, Table } from '@lancedb/lancedb';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { KnownError } from '../errors.ts';
import { readableDirectory } from './place.ts';

// The oldest Lance file format with the compression that keeps the minified dataset small; readers from LanceDB 0.20 on
// know it.
const fileFormat = '2.1';

/** Options of LanceDB's object store, such as region and endpoint of S3; strings all. */
export type StorageOptions = Record<string, string>;

// The versions to read of a connection's tables, where one was asked for.
const pinned = new WeakMap<Connection, Record<string, number>>();

/**
 * Connects to a dataset: a directory or an `s3://` address. A directory that is not there is a KnownError unless
 * `create`. With `versions`, tables are opened at exactly those, as a `latest.json` names them.
 */
export async function connectDataset(
  uri: string,
  options: { create?: boolean; storageOptions?: StorageOptions; versions?: Record<string, number> | null } = {},
): Promise<Connection> {
  const remote = /^[a-z0-9]+:\/\//.test(uri);
  // A bare name would be taken for a database of LanceDB's cloud.
  const address = remote ? uri : options.create ? resolve(uri) : readableDirectory(uri);
  if (address === null) {
    throw new KnownError(`${uri}: there is no dataset; make one with «fdnix-indexer run», or set output.path`);
  }
  setUpLance(process.env);
  const lancedb = await import('@lancedb/lancedb');
  const storageOptions = { new_table_data_storage_version: fileFormat, ...options.storageOptions };
  const connection = await lancedb.connect(address, { storageOptions, manifestEnabled: false });
  if (options.versions) pinned.set(connection, options.versions);
  return connection;
}

/**
 * Variables that Lance reads once. Building full-text indexes waits for ever where their producers, one each here, have all threads of
 * the pool that their consumers need too (lance 7.0.0); on two processors the pool would have one thread.
 */
function setUpLance(env: NodeJS.ProcessEnv): void {
  env['LANCEDB_LOG'] ??= 'error';
  env['LANCE_CPU_THREADS'] ??= String(Math.max(4, availableParallelism() - 2));
  env['LANCE_FTS_NUM_SHARDS'] ??= '1';
}

/** Opens a table; one that is not there or cannot be read is a KnownError that names it and the dataset. */
export async function openTable(connection: Connection, name: string): Promise<Table> {
  try {
    const table = await connection.openTable(name);
    const version = pinned.get(connection)?.[name];
    if (version !== undefined) await table.checkout(version);
    return table;
  } catch (error) {
    throw await cannotOpen(connection, name, error);
  }
}

async function cannotOpen(connection: Connection, name: string, error: unknown): Promise<KnownError> {
  const names: string[] = await connection.tableNames().catch(() => []);
  const where = /uri=([^,)]+)/.exec(connection.display())?.[1] ?? connection.display();
  if (names.includes(name)) return new KnownError(`table ${name} of ${where} cannot be opened`, { cause: error });
  const found = names.length === 0 ? 'no tables are there' : `its tables are ${names.join(', ')}`;
  return new KnownError(`${where} is no dataset of fdnix-indexer: it has no table ${name} (${found})`);
}

/** Opens a table, or null where the dataset has none of that name. */
export async function openTableIfThere(connection: Connection, name: string): Promise<Table | null> {
  const names = await connection.tableNames();
  return names.includes(name) ? openTable(connection, name) : null;
}

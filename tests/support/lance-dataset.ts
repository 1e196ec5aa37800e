import type { Connection, Table } from '@lancedb/lancedb';

/** Rows of the table `packages` that all carry the same token, with small vectors where asked for. */
function tokenRows(token: number, rows: number): { id: string; token: number; text: string }[] {
  return Array.from({ length: rows }, (_, index) => ({
    id: `package-${index}`,
    token,
    text: `text ${token} of ${index}`,
  }));
}

/**
 * Writes a further version of a plain LanceDB dataset with tables `packages` and `dependencies`, in which every row carries the
 * token, as the indexer's own writer does: overwrite, which continues the version numbers.
 */
export async function writeTokens(directory: string, token: number, rows: number): Promise<void> {
  const db = await open(directory);
  for (const name of ['packages', 'dependencies']) {
    const table = await db.createTable(name, tokenRows(token, name === 'packages' ? rows : rows * 2), {
      mode: 'overwrite',
    });
    table.close();
  }
  db.close();
}

/** Removes versions older than now from all tables. */
export async function prune(directory: string): Promise<void> {
  const db = await open(directory);
  for (const name of await db.tableNames()) {
    const table = await db.openTable(name);
    await table.optimize({ cleanupOlderThan: new Date(), deleteUnverified: true });
    table.close();
  }
  db.close();
}

/** Opens a dataset, local or `s3://`. */
export async function open(uri: string, storageOptions?: Record<string, string>): Promise<Connection> {
  process.env['LANCEDB_LOG'] ??= 'error';
  const { connect } = await import('@lancedb/lancedb');
  return await connect(uri, { manifestEnabled: false, ...(storageOptions === undefined ? {} : { storageOptions }) });
}

/** The distinct tokens and the number of rows of a table at a version (the newest where null), read completely. */
export async function readTokens(
  db: Connection,
  name: string,
  version: number | null,
): Promise<{ tokens: number[]; rows: number }> {
  const table: Table = await db.openTable(name);
  try {
    if (version !== null) await table.checkout(version);
    const rows = await table.query().select(['token', 'text']).toArray();
    return { tokens: [...new Set(rows.map((row: { token: number }) => row.token))], rows: rows.length };
  } finally {
    table.close();
  }
}

/** Adds rows with the same token to both tables: the files of before stay part of the newest version. */
export async function appendTokens(directory: string, token: number, rows: number): Promise<void> {
  const db = await open(directory);
  for (const name of ['packages', 'dependencies']) {
    const table = await db.openTable(name);
    await table.add(tokenRows(token, rows));
    table.close();
  }
  db.close();
}

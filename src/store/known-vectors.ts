import type { Connection } from '@lancedb/lancedb';
import { openTable } from './connection.ts';
import { readVectors } from './embeddings.ts';
import type { VectorSource } from './metadata/packages.ts';
import { vectorColumn } from './vector-column.ts';

/** The vectors that a dataset's packages have, by content hash, from its cache; null where it has none. */
export async function knownVectors(connection: Connection): Promise<VectorSource | null> {
  const column = await vectorColumn(await openTable(connection, 'packages'));
  if (column === null) return null;
  const vectors = await readVectors(connection, column);
  return { column, vectorOf: (hash) => vectors.get(hash) };
}

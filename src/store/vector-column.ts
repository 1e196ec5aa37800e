import type { Table } from '@lancedb/lancedb';
import { vector } from './column.ts';
import type { Column } from './table.ts';

/** What made the vectors of a table. The column itself tells it, so that a query can be embedded the same way. */
export interface VectorColumn {
  provider: string;
  model: string;
  dimensions: number;
  normalize: boolean;
}

/** The column `vector`, its field's metadata saying who made it. */
export function vectorField(
  { provider, model, dimensions, normalize }: VectorColumn,
  float: 'float16' | 'float32',
  doc: string,
): Column {
  return {
    type: vector(dimensions, float),
    nullable: true,
    doc,
    metadata: {
      embedding_provider: provider,
      embedding_model: model,
      embedding_normalize: String(normalize),
    },
  };
}

/** What made a table's vectors, or null where it has no column for them. */
export async function vectorColumn(table: Table): Promise<VectorColumn | null> {
  const field = (await table.schema()).fields.find(({ name }) => name === 'vector');
  const type: unknown = field?.type;
  if (field === undefined || typeof type !== 'object' || type === null || !('listSize' in type)) return null;
  return {
    provider: field.metadata.get('embedding_provider') ?? 'unknown',
    model: field.metadata.get('embedding_model') ?? 'unknown',
    dimensions: Number(type.listSize),
    normalize: field.metadata.get('embedding_normalize') !== 'false',
  };
}

export function sameVectors(one: VectorColumn | null, other: VectorColumn | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.provider === other.provider &&
    one.model === other.model &&
    one.dimensions === other.dimensions &&
    one.normalize === other.normalize
  );
}

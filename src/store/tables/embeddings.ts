import { bool, float32, int32, list, utf8 } from '../column.ts';
import type { TableSpec } from '../table.ts';

/** Table `embeddings`: every vector that was ever paid for and may be used again, by its text. */
export const embeddingsTable: TableSpec = {
  name: 'embeddings',
  columns: {
    content_hash: { type: utf8, doc: 'SHA-256 (hex) of the text.' },
    model: { type: utf8, doc: 'The model that made the vector.' },
    dimensions: { type: int32, doc: 'Length of the vector.' },
    normalize: { type: bool, doc: 'Whether it is scaled to length 1.' },
    vector: { type: list(float32), doc: 'The vector.' },
  },
};

import type { Table } from '@lancedb/lancedb';
import type { Report } from '../report/event.ts';
import { arrow } from './arrow.ts';
import { completeIndexes } from './fts.ts';

/** The shape of the IVF-PQ index. */
export interface VectorIndexOptions {
  partitions: number;
  subVectors: number;
}

// What LanceDB needs to train the codes of the product quantizer.
const fewestRows = 256;
// Partitions with fewer rows than this make the index worse, not better.
const rowsPerPartition = 64;

/** How wide the vectors of a table are and whether they are in half precision, or null where it has no column for them. */
async function vectorsOf(table: Table): Promise<{ dimensions: number; halves: boolean } | null> {
  const type: unknown = (await table.schema()).fields.find(({ name }) => name === 'vector')?.type;
  if (!arrow.DataType.isFixedSizeList(type)) return null;
  return { dimensions: type.listSize, halves: String(type.children[0]?.type) === 'Float16' };
}

// A quarter of the vectors a partition and a third of the rounds that Lance takes otherwise: recall is the same (.935 either way on the
// vectors of nixpkgs' texts, bench/recall.ts), and training is most of what an index costs.
export const training = { sampleRate: 64, maxIterations: 15 };
// Most processors have no arithmetic in half precision, so that each step takes eight times as long.
const trainingOfHalves = { sampleRate: 16, maxIterations: 5 };

/**
 * Makes the vector index of a table, or makes it anew where it lacks rows. Fewer partitions are made where rows are few,
 * and none where they are too few to train on; both are reported.
 */
export async function ensureVectorIndex(table: Table, options: VectorIndexOptions, report: Report): Promise<void> {
  const vectors = await vectorsOf(table);
  if (vectors === null || (await completeIndexes(table)).has('vector')) return;
  const rows = await table.countRows('vector IS NOT NULL');
  if (rows < fewestRows) {
    if (rows > 0) {
      report({
        type: 'info',
        message: `no vector index: ${rows} vectors are fewer than the ${fewestRows} it takes; they are searched one by one`,
      });
    }
    return;
  }
  const partitions = Math.max(1, Math.min(options.partitions, Math.floor(rows / rowsPerPartition)));
  if (partitions < options.partitions) {
    report({
      type: 'info',
      message: `vector index: ${partitions} partitions and not ${options.partitions}, because there are ${rows} vectors`,
    });
  }
  const { Index } = await import('@lancedb/lancedb');
  const config = Index.ivfPq({
    distanceType: 'cosine',
    numPartitions: partitions,
    numSubVectors: subVectorsFor(vectors.dimensions, options.subVectors, report),
    ...(vectors.halves ? trainingOfHalves : training),
  });
  await table.createIndex('vector', { config, replace: true });
}

/** The number of sub-vectors has to divide the dimensions. */
function subVectorsFor(dimensions: number, wanted: number, report: Report): number {
  let count = Math.min(wanted, dimensions);
  while (dimensions % count !== 0) count -= 1;
  if (count !== wanted) {
    report({
      type: 'info',
      message: `vector index: ${count} sub-vectors and not ${wanted}, which does not divide ${dimensions} dimensions`,
    });
  }
  return count;
}

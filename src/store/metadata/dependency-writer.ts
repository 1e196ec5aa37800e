import type { Connection } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import { startThread } from '../../thread.ts';
import { arrow } from '../arrow.ts';
import { writeDependencies, type DependencyHashes } from './dependencies.ts';
import { dependencyBatches, type DependencyOrder } from './dependency-batches.ts';

// Below so many inputs a thread takes longer to begin than the rows take to make.
const worthThread = 50_000;

// Enough that it need not wait while this thread works out identity and ranking.
const batchesAhead = 4;

/**
 * Writes the table `dependencies` and the JSON. The rows of a whole nixpkgs are a second or two of work that nothing else waits
 * for, so they are made on a thread of their own, which begins at once.
 * @param before the hashes of the dataset before, or null where there is none
 * @returns how many rows of the table changed
 */
export async function writeAllDependencies(
  connection: Connection,
  order: DependencyOrder,
  before: DependencyHashes | null,
): Promise<number> {
  const inputs = order.systems.reduce((sum, system) => sum + system.inputs.length, 0);
  const start = inputs < worthThread ? batchesHere : batchesOfThread;
  const total = order.systems.reduce((sum, { rows }) => sum + rows.length, 0);
  const again = () => untilRead(start({ ...order, json: null }));
  const { batches, stop } = start(order);
  try {
    return await writeDependencies(connection, { total, first: batches, again, before });
  } finally {
    await stop();
  }
}

/** Batches that are being made, and what ends their making. */
interface BatchSource {
  batches: AsyncGenerator<RecordBatch>;
  stop: () => Promise<unknown>;
}

function batchesHere(order: DependencyOrder): BatchSource {
  const batches = dependencyBatches(order);
  return { batches, stop: () => batches.return(null) };
}

/** What `dependencyBatches` gives, made on another thread. */
export function batchesOfThread(order: DependencyOrder): BatchSource {
  const thread = startThread<'next', Uint8Array | null>('./dependency-worker', import.meta.url, { data: order });
  const next = () => {
    const batch = thread.run('next');
    batch.catch(() => {});
    return batch;
  };
  const coming = Array.from({ length: batchesAhead }, next);
  return { batches: arriving(coming, next), stop: () => thread.stop() };
}

async function* arriving(
  coming: Promise<Uint8Array | null>[],
  next: () => Promise<Uint8Array | null>,
): AsyncGenerator<RecordBatch> {
  for (;;) {
    const bytes = (await coming.shift()) ?? null;
    if (bytes === null) return;
    coming.push(next());
    yield* arrow.tableFromIPC(bytes).batches;
  }
}

async function* untilRead({ batches, stop }: BatchSource): AsyncGenerator<RecordBatch> {
  try {
    yield* batches;
  } finally {
    await stop();
  }
}

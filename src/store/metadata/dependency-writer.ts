import type { Connection } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import type { Thread } from '../../thread.ts';
import { arrow } from '../arrow.ts';
import { writeDependencies, type DependencyHashes } from './dependencies.ts';
import { dependencyBatches, type DependencyOrder } from './dependency-batches.ts';

// Fewer inputs take less time than to pass them on.
const worthThread = 50_000;

// Enough that it need not wait while this thread works out identity and ranking.
const batchesAhead = 8;

/** A thread that answers an order with its first batch, and null with the next one of it; see `batchServer`. */
export type BatchThread = Thread<DependencyOrder | null, Uint8Array | null>;

/** What makes the batches of `dependencies`. */
interface BatchMaker {
  /** The batches of an order; of one after the other. */
  make(order: DependencyOrder): AsyncGenerator<RecordBatch>;
  stop(): Promise<unknown>;
}

/**
 * Writes the table `dependencies` and the JSON. The rows of a whole nixpkgs are a second or two of work that nothing else waits for, so
 * they are made on another thread; those of few inputs on this one.
 * @param before the hashes of the dataset before, or null where there is none
 * @returns how many rows of the table changed
 */
export async function writeAllDependencies(
  connection: Connection,
  order: DependencyOrder,
  before: DependencyHashes | null,
  thread: BatchThread,
): Promise<number> {
  const total = order.systems.reduce((sum, { rows }) => sum + rows.length, 0);
  const inputs = order.systems.reduce((sum, system) => sum + system.inputs.length, 0);
  const maker = inputs < worthThread ? makerHere() : makerOn(thread);
  const again = () => maker.make({ ...order, json: null });
  try {
    return await writeDependencies(connection, { total, first: maker.make(order), again, before });
  } finally {
    await maker.stop();
  }
}

function makerHere(): BatchMaker {
  let batches: AsyncGenerator<RecordBatch, void> | undefined;
  return {
    make: (order) => (batches = dependencyBatches(order)),
    stop: async () => batches?.return(),
  };
}

/** What `dependencyBatches` gives, made on another thread. */
export function makerOn(thread: BatchThread): BatchMaker {
  const ask = (order: DependencyOrder | null) => {
    const batch = thread.run(order);
    batch.catch(() => {});
    return batch;
  };
  return {
    make: (order) => {
      const coming = [ask(order), ...Array.from({ length: batchesAhead - 1 }, () => ask(null))];
      return arriving(coming, () => ask(null));
    },
    stop: () => thread.stop(),
  };
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

import { availableParallelism } from 'node:os';
import type { DependencyOrder } from '../store/metadata/dependency-batches.ts';
import type { BatchThread } from '../store/metadata/dependency-writer.ts';
import type { Portion } from '../store/metadata/portion.ts';
import { startThread, type Thread } from '../thread.ts';
import type { PortionTask } from './portions.ts';

/** What a thread of the metadata phase is asked for. */
export type WorkerTask = ({ kind: 'portion' } & PortionTask) | { kind: 'batch'; order: DependencyOrder | null };

// What a second one more brings, reading and collecting take up again on the main thread.
const mostThreads = 4;

/**
 * The threads of a metadata phase. They begin when lines come; when all have been read one stays for the dependencies, for it has loaded
 * and compiled already what makes columns.
 */
export class Workers {
  /** How many there are at most. */
  readonly count = Math.min(availableParallelism(), mostThreads);
  readonly #threads: Thread<WorkerTask, unknown>[] = [];
  #turn = 0;

  /** Has the next thread in turn make a portion. */
  portion(task: PortionTask): Promise<Portion> {
    const thread = (this.#threads[this.#turn] ??= started());
    this.#turn = (this.#turn + 1) % this.count;
    const { lines } = task;
    const portion = thread.run({ kind: 'portion', ...task }, Array.isArray(lines) ? [] : [lines.buffer]);
    return portion as Promise<Portion>;
  }

  /** The one that stays when all is read; begun then, if it was not needed before. */
  readonly forBatches = (): BatchThread => {
    // What follows need not wait for the others' memory to be given back.
    for (const other of this.#threads.splice(1)) void other.stop();
    return {
      run: (order) => (this.#threads[0] ??= started()).run({ kind: 'batch', order }) as Promise<Uint8Array | null>,
      stop: () => this.stop(),
    };
  };

  /** Ends them all. */
  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }
}

function started(): Thread<WorkerTask, unknown> {
  return startThread('./worker', import.meta.url, { maxYoungGenerationSizeMb: 48 });
}

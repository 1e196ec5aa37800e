import { extname } from 'node:path';
import { parentPort, Worker, type ResourceLimits, type Transferable } from 'node:worker_threads';

/** A thread that answers tasks, in the order in which they were given. */
export interface Thread<Task, Answer> {
  /** Throws what the work on this task, or on one before it, threw. */
  run(task: Task, transfer?: Transferable[]): Promise<Answer>;
  stop(): Promise<unknown>;
}

/**
 * Starts the thread of a module that calls `answerTasks`.
 * @param module the module's address without its ending, which is that of `from`
 * @param from the address of the module that asks for it
 */
export function startThread<Task, Answer>(module: string, from: string, limits: ResourceLimits): Thread<Task, Answer> {
  const file = new URL(module + extname(from), from);
  const worker = new Worker(file, { resourceLimits: limits });
  const waiting: PromiseWithResolvers<Answer>[] = [];
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  worker.on('message', (answer: Answer) => waiting.shift()?.resolve(answer));
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error(`the thread of ${module} ended before its work was done`)));
  return {
    run(task, transfer = []) {
      if (failure !== undefined) return Promise.reject(failure);
      const done = Promise.withResolvers<Answer>();
      waiting.push(done);
      worker.postMessage(task, transfer);
      return done.promise;
    },
    stop: () => worker.terminate(),
  };
}

/** Within a thread: answers its tasks one after the other. What `work` throws ends the thread, and reaches whoever waits for it. */
export function answerTasks(work: (task: never) => Promise<{ answer: unknown; transfer: Transferable[] }>): void {
  let previous: Promise<void> = Promise.resolve();
  const answered = async (task: unknown, turn: Promise<void>): Promise<void> => {
    await turn;
    const { answer, transfer } = await work(task as never);
    parentPort?.postMessage(answer, transfer);
  };
  parentPort?.on('message', (task: unknown) => {
    previous = answered(task, previous);
  });
}

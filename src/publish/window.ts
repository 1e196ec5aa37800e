/**
 * Runs `work` over the items with at most `width` at a time, in order of start. The first failure stops further starts; it is
 * thrown when what was under way has ended.
 */
export async function inWindow<T>(
  items: Iterable<T>,
  width: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    while (!failure) {
      const next = iterator.next();
      if (next.done) return;
      try {
        signal.throwIfAborted();
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  if (failure) throw failure.error;
}

/** Runs all works at once. The first failure aborts the others' signal, and is thrown when all have ended. */
export async function together(signal: AbortSignal, works: ((signal: AbortSignal) => Promise<void>)[]): Promise<void> {
  const stop = new AbortController();
  const inner = AbortSignal.any([signal, stop.signal]);
  const running = works.map(async (work) => {
    try {
      await work(inner);
    } catch (error) {
      stop.abort(error);
    }
  });
  await Promise.all(running);
  stop.signal.throwIfAborted();
}

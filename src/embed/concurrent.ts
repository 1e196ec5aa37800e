/**
 * Works on items in their order, so many at a time, and yields results as they come. A place becomes free when its result has been
 * taken in: no more results are ever out than `concurrency`. An error ends it all.
 */
export async function* asTheyCome<T, R>(
  items: readonly T[],
  concurrency: number,
  signal: AbortSignal,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running = new Map<number, Promise<{ id: number; result: R }>>();
  let next = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      while (running.size < concurrency && next < items.length) {
        const id = next++;
        const task = work(items[id] as T).then((result) => ({ id, result }));
        // It may fail while the consumer is busy; the race below then throws it.
        task.catch(() => {});
        running.set(id, task);
      }
      if (running.size === 0) return;
      const { id, result } = await Promise.race(running.values());
      yield result;
      running.delete(id);
    }
  } finally {
    await Promise.allSettled(running.values());
  }
}

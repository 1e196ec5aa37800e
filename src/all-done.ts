/** The results once all are done: where one fails, the others must not go on writing into a directory that is being removed. */
export async function allDone<T extends readonly unknown[]>(all: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(all);
  return Promise.all(all);
}

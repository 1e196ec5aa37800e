import { setFlagsFromString } from 'node:v8';

/** Settings of V8: the one for such work, and its own. */
const flags = [
  // The heaps of all threads grow to four times what lives in them before the collector goes through them. To V8 the bytes of buffers
  // count like objects: where much is read and little is kept it collects after every few megabytes else.
  { name: '--heap-growing-percent', ours: 300, usual: 0 },
  // Every thread compiles for itself, and much of what is called a few thousand times is done before its best code has paid.
  { name: '--invocation-count-for-turbofan', ours: 60_000, usual: 3000 },
];

/** Runs work that spreads much data over several threads, with V8 set to that. */
export async function tuned<T>(work: () => Promise<T>): Promise<T> {
  for (const { name, ours } of flags) setFlagsFromString(`${name}=${ours}`);
  try {
    return await work();
  } finally {
    for (const { name, usual } of flags) setFlagsFromString(`${name}=${usual}`);
  }
}

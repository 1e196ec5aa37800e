import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { takeLock } from '../process/lock.ts';

/** Holds a spool for this process; disposing of it lets go. A KnownError where another process holds it. */
export async function lockSpool(directory: string): Promise<AsyncDisposable> {
  await mkdir(directory, { recursive: true });
  const remedy = 'it evaluates the same package set: wait for it, or give this run a cache.path of its own';
  const lock = await takeLock(join(directory, 'lock'), remedy);
  return { [Symbol.asyncDispose]: lock.release };
}

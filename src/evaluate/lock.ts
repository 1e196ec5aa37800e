import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { takeLock, type Lock } from '../process/lock.ts';

/** Holds a spool for this process. A KnownError where another process holds it. */
export async function lockSpool(directory: string): Promise<Lock> {
  await mkdir(directory, { recursive: true });
  const remedy = 'it evaluates the same package set: wait for it, or give this run a cache.path of its own';
  return takeLock(join(directory, 'lock'), remedy);
}

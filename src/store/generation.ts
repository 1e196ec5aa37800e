import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, KnownError, messageOf } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { takeLock, type Lock } from '../process/lock.ts';
import { tornFiles } from './manifest.ts';
import { generationAt, placeOf, pointTo, type Place } from './place.ts';
import { clear, removeSuperfluous, settle } from './settle.ts';
import { flushTree, linkTree, makeDirectory } from './tree.ts';

/** Where a writer writes: a directory that no reader sees yet, filled with what the current generation holds. */
export interface Staging {
  directory: string;
  /** A directory for whatever else has to be kept meanwhile; it goes when the writing ends. */
  scratch: string;
  /** The generation that readers see now, or null where there is none. */
  previous: string | null;
}

/** What a writer decides in the end: whether readers get to see what it wrote. */
export interface Outcome<T> {
  keep: boolean;
  result: T;
  /** Called once it is decided and readers see it, while the lock is still held. */
  settled?: () => Promise<void>;
}

/**
 * Writes a dataset so that readers see it whole or not at all. `path` is a symbolic link to a generation, a numbered
 * directory in `.<name>.d` beside it. `write` gets a staging directory that holds hard links to the current
 * generation's files (all of a Lance dataset's files but two kinds are never rewritten); what it leaves there becomes
 * the next generation by a rename, and readers' by the rename of a new link. The generation before stays until the next
 * run, for readers that still hold it. One writer at a time.
 * @throws KnownError where another writer is at work, the disk is full or the directory cannot be written
 */
export async function writeGeneration<T>(
  path: string,
  { signal }: Pick<StageContext, 'signal'>,
  write: (staging: Staging) => Promise<Outcome<T>>,
): Promise<T> {
  const place = placeOf(path);
  try {
    await makeDirectory(place.store);
    const lock = await takeLock(place.lock);
    try {
      return await stageAndSwitch(place, signal, lock, write);
    } finally {
      await clear(place);
      await lock.release();
    }
  } catch (error) {
    throw explained(path, error);
  }
}

async function stageAndSwitch<T>(
  place: Place,
  signal: AbortSignal,
  lock: Lock,
  write: (staging: Staging) => Promise<Outcome<T>>,
): Promise<T> {
  const current = await settle(place);
  await mkdir(place.staging);
  await mkdir(place.scratch);
  const previous = current === null ? null : generationAt(place, current);
  if (previous !== null) {
    await expectUndamaged(place, previous);
    await linkTree(previous, place.staging);
  }
  const outcome = await write({ directory: place.staging, scratch: place.scratch, previous });
  signal.throwIfAborted();
  if (outcome.keep) await publish(place, current, lock);
  await outcome.settled?.();
  return outcome.result;
}

/** Makes the staging directory the next generation. */
async function publish(place: Place, current: number | null, lock: Lock): Promise<void> {
  await expectWhole(place.staging);
  await flushTree(place.staging);
  await lock.check();
  const next = (current ?? 0) + 1;
  await rename(place.staging, generationAt(place, next));
  await pointTo(place, next);
  await removeSuperfluous(place, next);
}

/** No reader shall get a table whose manifest names what is not there. */
async function expectWhole(staging: string): Promise<void> {
  const torn = await damageOf(staging);
  if (torn.length > 0) throw new Error(`the new dataset is not whole and was discarded: ${torn.join('; ')}`);
}

/** Nothing can be written on top of a dataset that lost files, and its version numbers must not begin again by themselves. */
async function expectUndamaged({ path, store }: Place, generation: string): Promise<void> {
  const [first, ...others] = await damageOf(generation);
  if (first === undefined) return;
  const rest = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new KnownError(
    `${path} is damaged: ${first}${rest}. Put a whole copy in its place, or move ${path} and ${store} away and run again`,
  );
}

/** What files the tables of a directory lack. */
async function damageOf(directory: string): Promise<string[]> {
  const tables = (await readdir(directory)).filter((name) => name.endsWith('.lance'));
  return (await Promise.all(tables.map((name) => tornFiles(join(directory, name))))).flat();
}

function explained(path: string, error: unknown): unknown {
  const code = codeOf(error);
  const text = messageOf(error);
  if (code === 'ENOSPC' || /No space left on device/.test(text)) {
    return new KnownError(
      `${path}: the disk is full; what was there before is untouched. Free some space and run again`,
      {
        cause: error,
      },
    );
  }
  if (['EACCES', 'EROFS', 'EPERM', 'ENOENT', 'ENOTDIR', 'EEXIST', 'ENAMETOOLONG'].includes(code ?? '')) {
    return new KnownError(
      `${path} cannot be written (${text}); what was there before is untouched. Check permissions, or set another output path`,
      {
        cause: error,
      },
    );
  }
  return error;
}

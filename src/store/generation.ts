import { existsSync } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf, KnownError, messageOf } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { tornFiles } from './manifest.ts';
import { takeLock, type Lock } from './lock.ts';

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
    await mkdir(place.store, { recursive: true });
    const lock = await takeLock(join(place.store, 'lock'));
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

/** Where a phase keeps what outlives a run, such as a journal, beside the generations of a dataset. */
export function stateDirectoryOf(path: string, phase: string): string {
  return join(placeOf(path).store, phase);
}

interface Place {
  path: string;
  name: string;
  store: string;
  staging: string;
  scratch: string;
}

function placeOf(path: string): Place {
  const absolute = resolve(path);
  const name = basename(absolute);
  const store = join(dirname(absolute), `.${name}.d`);
  return { path: absolute, name, store, staging: join(store, 'staging'), scratch: join(store, 'scratch') };
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
  if (current !== null) await linkTree(join(place.store, String(current)), place.staging);
  const previous = current === null ? null : join(place.store, String(current));
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
  await rename(place.staging, join(place.store, String(next)));
  await pointTo(place, next);
  for (const generation of await generations(place)) {
    if (generation < next - 1) await rm(join(place.store, String(generation)), { recursive: true });
  }
}

/** No reader shall get a table whose manifest names what is not there. */
async function expectWhole(staging: string): Promise<void> {
  const tables = (await readdir(staging)).filter((name) => name.endsWith('.lance'));
  const torn = (await Promise.all(tables.map((name) => tornFiles(join(staging, name))))).flat();
  if (torn.length > 0) throw new Error(`the new dataset is not whole and was discarded: ${torn.join('; ')}`);
}

async function clear({ staging, scratch }: Place): Promise<void> {
  await rm(staging, { recursive: true, force: true });
  await rm(scratch, { recursive: true, force: true });
}

/** Clears up what a crashed run left, and tells the generation that readers see. */
async function settle(place: Place): Promise<number | null> {
  await clear(place);
  const found = await lstat(place.path).catch(() => null);
  const numbers = await generations(place);
  if (found === null) {
    // A run that was killed while it adopted a directory left a generation without a link to it.
    const latest = numbers.at(-1) ?? null;
    if (latest !== null) await pointTo(place, latest);
    return latest;
  }
  if (found.isSymbolicLink()) return currentOf(place, numbers);
  if (!found.isDirectory())
    throw new KnownError(`${place.path} is a file; output paths must name a directory or nothing`);
  return adopt(place, (numbers.at(-1) ?? 0) + 1);
}

async function currentOf(place: Place, numbers: number[]): Promise<number> {
  const target = await readlink(place.path);
  const current = Number(basename(target));
  if (resolve(dirname(place.path), dirname(target)) !== place.store || !numbers.includes(current)) {
    throw new KnownError(
      `${place.path} is a symbolic link to ${target}, which is no generation of this dataset; remove the link or choose another output path`,
    );
  }
  // A generation beyond the current one was renamed but never linked: the run that made it did not finish.
  for (const generation of numbers.filter((number) => number > current)) {
    await rm(join(place.store, String(generation)), { recursive: true });
  }
  return current;
}

/** Makes a plain directory, such as a copied or downloaded dataset, the first generation. */
async function adopt(place: Place, generation: number): Promise<number | null> {
  if ((await readdir(place.path)).length === 0) {
    await rm(place.path, { recursive: true });
    return null;
  }
  await rename(place.path, join(place.store, String(generation)));
  await pointTo(place, generation);
  return generation;
}

async function generations(place: Place): Promise<number[]> {
  const names = await readdir(place.store);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}

async function pointTo(place: Place, generation: number): Promise<void> {
  const temporary = join(place.store, 'next');
  await rm(temporary, { force: true });
  await symlink(join(`.${place.name}.d`, String(generation)), temporary);
  await rename(temporary, place.path);
}

/** Links every file of a dataset; the two kinds that Lance rewrites in place are copied. */
async function linkTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      await mkdir(target);
      await linkTree(source, target);
    } else if (entry.name.endsWith('.json')) await copyFile(source, target);
    else await linkOrCopy(source, target);
  }
}

/** Some file systems know no hard links, or only so many of a file. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EXDEV'].includes(codeOf(error) ?? '')) throw error;
    await copyFile(source, target);
  }
}

/** Makes sure that a crash of the machine cannot leave a generation with empty files behind. */
async function flushTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await flushTree(path);
      else await flush(path);
    }),
  );
  await flush(directory);
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { nlink } = await file.stat();
    if (nlink < 2 || existsSync(`${path}/.`)) await file.sync();
  } finally {
    await file.close();
  }
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
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new KnownError(
      `${path} cannot be written (${text}); what was there before is untouched. Check permissions, or set another output path`,
      {
        cause: error,
      },
    );
  }
  return error;
}

import { existsSync } from 'node:fs';
import { lstat, readdir, readlink, rename, rm } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { KnownError } from '../errors.ts';
import { takeLock } from '../process/lock.ts';
import { generationAt, generationsOf, placeOf, preparedGeneration, preparePointer, type Place } from './place.ts';

/**
 * Brings a dataset in order that a killed run left halfway, where one did: what nobody needs goes, and `path` leads to its
 * newest whole generation. Where that cannot be done, or a run is at work there, everything stays as it is.
 */
export async function settleDataset(path: string): Promise<void> {
  const place = placeOf(path);
  if (!(await isUnsettled(place))) return;
  const lock = await takeLock(place.lock).catch(() => null);
  if (lock === null) return;
  try {
    await settle(place);
  } catch {
    // A writer will meet the same trouble, and tell it.
  } finally {
    await lock.release();
  }
}

async function isUnsettled(place: Place): Promise<boolean> {
  const names = await readdir(place.store).catch(() => []);
  if (names.some((name) => /^(staging|scratch|next|lock)(\.|$)/.test(name))) return true;
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const target = await readlink(place.path).catch(() => null);
  if (target === null) return numbers.length > 0 && !existsSync(place.path);
  return numbers.some((number) => isSuperfluous(number, Number(basename(target))));
}

/**
 * Clears up what a killed run left, and tells the generation that readers see, or null where there is none. A plain
 * directory, such as a copy, becomes one. The lock has to be held.
 * @throws KnownError where something else is in the dataset's place
 */
export async function settle(place: Place): Promise<number | null> {
  const newest = (await generationsOf(place)).at(-1) ?? 0;
  if (newest > 0 && (await lstat(place.path).catch(() => null)) === null) await restore(place, newest);
  await clear(place);
  const found = await lstat(place.path).catch(() => null);
  if (found === null) return null;
  if (found.isSymbolicLink()) return currentOf(place);
  if (!found.isDirectory())
    throw new KnownError(`${place.path} is a file; output paths must name a directory or nothing`);
  return adopt(place, newest + 1);
}

/** A run was killed before it linked its generation, or while it made one of a plain directory. */
async function restore(place: Place, generation: number): Promise<void> {
  if (preparedGeneration(place) === null) await preparePointer(place, generation);
  await rename(place.next, place.path);
}

/** Removes what a writer needs while it writes. */
export async function clear({ staging, scratch, next }: Place): Promise<void> {
  for (const leftover of [staging, scratch, next]) await rm(leftover, { recursive: true, force: true });
}

async function currentOf(place: Place): Promise<number> {
  const target = await readlink(place.path);
  const current = Number(basename(target));
  if (resolve(dirname(place.path), dirname(target)) !== place.store || !existsSync(place.path)) {
    throw new KnownError(
      `${place.path} is a symbolic link to ${target}, which is no generation of this dataset; remove the link or choose another output path`,
    );
  }
  await removeSuperfluous(place, current);
  return current;
}

/** Removes all generations but the current one and the one before. */
export async function removeSuperfluous(place: Place, current: number): Promise<void> {
  for (const generation of await generationsOf(place)) {
    if (isSuperfluous(generation, current)) await rm(generationAt(place, generation), { recursive: true });
  }
}

/** A generation beyond the current one was renamed but never linked: the run that made it did not finish. */
function isSuperfluous(generation: number, current: number): boolean {
  return generation > current || generation < current - 1;
}

/**
 * Makes a plain directory, such as a copied or downloaded dataset, a generation. No single call puts a link in a
 * directory's place; in between the prepared link leads readers there.
 */
async function adopt(place: Place, generation: number): Promise<number | null> {
  const names = await readdir(place.path);
  if (names.length === 0) {
    await rm(place.path, { recursive: true });
    return null;
  }
  // Somebody's home must not be moved because a path was mistyped.
  if (!names.some((name) => name.endsWith('.lance'))) {
    const found = names.toSorted((a, b) => (a < b ? -1 : 1)).slice(0, 3);
    throw new KnownError(
      `${place.path} is a directory that holds no dataset (but ${found.join(', ')}${names.length > 3 ? ', …' : ''}); choose another output path`,
    );
  }
  await preparePointer(place, generation);
  await rename(place.path, generationAt(place, generation));
  try {
    await rename(place.next, place.path);
  } catch (error) {
    await rename(generationAt(place, generation), place.path);
    throw error;
  }
  return generation;
}

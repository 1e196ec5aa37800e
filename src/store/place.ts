import { existsSync, readlinkSync } from 'node:fs';
import { readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Where a dataset lies: `path` is a symbolic link to one of the generations, the numbered directories in `store`. */
export interface Place {
  path: string;
  store: string;
  staging: string;
  scratch: string;
  /** The link that is about to take the place of `path`. */
  next: string;
  lock: string;
}

/** The place of the dataset at `path`: its generations lie in `.<name>.d` beside it. */
export function placeOf(path: string): Place {
  const absolute = resolve(path);
  const store = join(dirname(absolute), `.${basename(absolute)}.d`);
  const inside = (name: string) => join(store, name);
  const [staging, scratch, next, lock] = [inside('staging'), inside('scratch'), inside('next'), inside('lock')];
  return { path: absolute, store, staging, scratch, next, lock };
}

/** Where a phase keeps what outlives a run, such as a journal, beside the generations of a dataset. */
export function stateDirectoryOf(path: string, phase: string): string {
  return join(placeOf(path).store, phase);
}

/** The directory of one generation. */
export function generationAt({ store }: Place, generation: number): string {
  return join(store, String(generation));
}

/** The numbers of the generations that are there, ascending. */
export async function generationsOf({ store }: Place): Promise<number[]> {
  const names = await readdir(store);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** Lets readers see a generation, in one rename. */
export async function pointTo(place: Place, generation: number): Promise<void> {
  await preparePointer(place, generation);
  await rename(place.next, place.path);
}

/** Makes the link that a rename then puts in its place. */
export async function preparePointer({ next, store }: Place, generation: number): Promise<void> {
  await rm(next, { force: true });
  await symlink(join(basename(store), String(generation)), next);
}

/** The generation that the link `next` leads to once it has its place, or null where there is none. */
export function preparedGeneration({ path, next }: Place): string | null {
  try {
    const generation = resolve(dirname(path), readlinkSync(next));
    return existsSync(generation) ? generation : null;
  } catch {
    return null;
  }
}

/**
 * The directory to read a dataset from, or null where there is none: `path`, or while a plain directory is made the first
 * generation, which takes two renames, that generation.
 */
export function readableDirectory(path: string): string | null {
  const place = placeOf(path);
  if (existsSync(place.path)) return place.path;
  // Where the link is not there any more, it may have got its place in between.
  return preparedGeneration(place) ?? (existsSync(place.path) ? place.path : null);
}

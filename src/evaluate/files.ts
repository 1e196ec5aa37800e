import { readFileSync } from 'node:fs';

/** Reads a small text file, or null where there is none or it is not ours to read. */
export type ReadText = (path: string) => string | null;

export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

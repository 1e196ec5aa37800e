import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { codeOf, KnownError, messageOf } from '../errors.ts';
import type { References } from '../model.ts';

/** What the configuration's file of reference counts holds. */
export interface ReferenceFile {
  /** Equal digests mean equal counts. */
  digest: string;
  references: References;
}

/** Reads the file that `nixpkgs.references` names; a KnownError where it cannot be read or holds something else. */
export async function readReferenceFile(path: string): Promise<ReferenceFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new KnownError(`${path}: ${reason} (nixpkgs.references)`, { cause: error });
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('it holds no object');
    const references = Object.fromEntries(
      Object.entries(value).map(([name, counts]) => [name, countsOf(name, counts)]),
    );
    return { digest: hash('sha256', text), references };
  } catch (error) {
    throw new KnownError(`${path} (nixpkgs.references) is no file of reference counts: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function countsOf(name: string, value: unknown): References[string] {
  if (typeof value === 'object' && value !== null) {
    const { modules = 0, tests = 0 } = value as Partial<References[string]>;
    if (isCount(modules) && isCount(tests)) return { modules, tests };
  }
  throw new TypeError(`${name}: expected {"modules": number, "tests": number}, found ${JSON.stringify(value)}`);
}

/** The columns are 32-bit integers. */
function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}

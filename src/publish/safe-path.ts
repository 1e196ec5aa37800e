import { KnownError } from '../errors.ts';

// oxlint-disable-next-line eslint/no-control-regex -- control characters are what is looked for
const unsafeCharacters = /[\u0000-\u001f\u007f\\:*?"<>|]/;

/** Why a key cannot become a file below a directory on every file system that we run on, or null where it can. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.startsWith('/')) return 'is absolute';
  if (!path.isWellFormed()) return 'is not valid Unicode';
  if (unsafeCharacters.test(path)) return 'has a control character or one of \\ : * ? " < > |';
  for (const segment of path.split('/')) {
    if (segment === '') return 'has an empty part';
    if (segment === '.' || segment === '..') return `has the part '${segment}'`;
    if (Buffer.byteLength(segment) > 255) return 'has a part longer than 255 bytes';
  }
  return null;
}

/**
 * Throws a KnownError for the first path that must not be written to disk: one that leads outside, or two that are one file
 * where a file system ignores case or Unicode forms, or a file that is a directory of another.
 */
export function checkPaths(paths: Iterable<string>, origin: string): void {
  const files = new Map<string, string>();
  for (const path of paths) {
    const problem = pathProblem(path);
    if (problem) throw refusal(origin, `the key ${JSON.stringify(path)} ${problem}`);
    const other = files.get(fold(path));
    if (other !== undefined) {
      throw refusal(
        origin,
        `the keys ${JSON.stringify(other)} and ${JSON.stringify(path)} are one name on some file systems`,
      );
    }
    files.set(fold(path), path);
  }
  for (const [folded, path] of files) {
    for (let cut = folded.lastIndexOf('/'); cut > 0; cut = folded.lastIndexOf('/', cut - 1)) {
      const file = files.get(folded.slice(0, cut));
      if (file !== undefined)
        throw refusal(
          origin,
          `the key ${JSON.stringify(file)} is a file and, for ${JSON.stringify(path)}, a directory`,
        );
    }
  }
}

function fold(path: string): string {
  return path.normalize('NFC').toLowerCase().normalize('NFC');
}

function refusal(origin: string, what: string): KnownError {
  return new KnownError(`${origin}: refused, nothing was written: ${what}`);
}

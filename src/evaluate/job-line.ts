import { KnownError } from '../errors.ts';
import type { AttributePath } from './paths.ts';

/** What the evaluation itself reads of a line: which attribute it is about, and whether it is an error. */
export interface JobLine {
  path: string[];
  failed: boolean;
  /**
   * The error is no property of the attribute: its worker had no memory left. nix-eval-jobs reports that as the error of
   * this attribute and of every one that the worker gets after it.
   */
  starved: boolean;
}

const outOfMemory = /^(?:error: )?(?:std::bad_alloc|out of memory|.*: Cannot allocate memory)$/i;

/** Reads a line of nix-eval-jobs; null where it is none. */
export function parseJobLine(line: string): JobLine | null {
  let job: unknown;
  try {
    job = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof job !== 'object' || job === null || !('attrPath' in job) || !Array.isArray(job.attrPath)) return null;
  const error = 'error' in job && typeof job.error === 'string' ? job.error : null;
  return {
    path: job.attrPath.map(String),
    failed: error !== null,
    starved: error !== null && error.length < 200 && outOfMemory.test(error.trim()),
  };
}

/** The error of a line that is no job: it is quoted, because whatever printed it is not what we know. */
export function notAJob(line: string, program: string): KnownError {
  const quoted = line.length > 300 ? `${line.slice(0, 300)}… (${line.length} characters)` : line;
  return new KnownError(
    `${program} printed a line that is not the JSON of a job:\n  ${quoted}\n` +
      'Each line must be an object with attr and attrPath: check that this is nix-eval-jobs 2.31 or newer, and that no wrapper writes to its stdout.',
  );
}

/** The line for an attribute that was given up, in the form in which nix-eval-jobs prints errors. */
export function errorLine(path: AttributePath, attribute: string, error: string): string {
  return JSON.stringify({ attr: attribute, attrPath: path, error });
}

import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, truncate, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { parseJobLine, type JobLine } from './job-line.ts';
import { pathKey } from './paths.ts';

/** What is kept beside the lines of an evaluation. */
export interface SpoolState {
  system: string;
  revision: string | null;
  /** The bytes of a complete evaluation; null while it is under way. */
  bytes: number | null;
  attributes: number;
  failed: number;
}

/** The lines of one evaluation on disk. They are appended as they arrive, and outlive this process. */
export interface Spool {
  readonly directory: string;
  readonly file: string;
  /** Whether all was evaluated before this process began. */
  readonly wasComplete: boolean;
  /** How many attributes were there before. */
  readonly resumed: number;
  /** The keys (pathKey) of the attribute paths that have a line. */
  readonly done: ReadonlySet<string>;
  failed: () => number;
  /** Bytes of whole lines that are in the file. */
  bytes: () => number;
  /** Adds lines; of an attribute path that has one already the first counts. */
  append: (lines: { text: string; job: JobLine }[]) => Promise<void>;
  complete: () => Promise<void>;
  close: () => Promise<void>;
}

const linesName = 'jobs.jsonl';
const stateName = 'state.json';

/**
 * Opens the spool in a directory, or begins one. A last line without its newline, or anything after a line that does not
 * parse, is what a killed process or a lost disk cache left: it is cut off, and its attributes are evaluated again.
 */
export async function openSpool(directory: string, about: Pick<SpoolState, 'system' | 'revision'>): Promise<Spool> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, linesName);
  const state = await readState(directory);
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  const wasComplete = state !== null && state.bytes === size;
  const done = new Set<string>();
  const kept = { bytes: 0, failed: 0 };
  if (wasComplete) Object.assign(kept, { bytes: size, failed: state.failed });
  else if (size > 0) await recover(file, done, kept);
  if (kept.bytes < size) await truncate(file, kept.bytes);
  const resumed = wasComplete ? state.attributes : done.size;
  if (!wasComplete) await writeState(directory, { ...about, bytes: null, attributes: resumed, failed: kept.failed });
  return spoolOver({ directory, file, about, wasComplete, resumed, done, kept, handle: await open(file, 'a') });
}

interface Opened {
  directory: string;
  file: string;
  about: Pick<SpoolState, 'system' | 'revision'>;
  wasComplete: boolean;
  resumed: number;
  done: Set<string>;
  kept: { bytes: number; failed: number };
  handle: FileHandle;
}

function spoolOver({ directory, file, about, wasComplete, resumed, done, kept, handle }: Opened): Spool {
  return {
    directory,
    file,
    wasComplete,
    resumed,
    done,
    failed: () => kept.failed,
    bytes: () => kept.bytes,
    async append(lines) {
      const fresh = lines.filter(({ job }) => {
        const key = pathKey(job.path);
        return !done.has(key) && done.add(key);
      });
      if (fresh.length === 0) return;
      const text = Buffer.from(fresh.map((line) => `${line.text}\n`).join(''));
      await handle.appendFile(text);
      kept.bytes += text.length;
      kept.failed += fresh.filter(({ job }) => job.failed).length;
    },
    async complete() {
      await handle.datasync();
      await writeState(directory, { ...about, bytes: kept.bytes, attributes: done.size, failed: kept.failed });
    },
    close: () => handle.close(),
  };
}

/** Reads the lines that are there; ends at the first that is not whole. */
async function recover(file: string, done: Set<string>, kept: { bytes: number; failed: number }): Promise<void> {
  let pending: Buffer[] = [];
  const input = createReadStream(file, { highWaterMark: 1 << 20 });
  for await (const chunk of input as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...pending, chunk.subarray(start, end)]);
      const job = parseJobLine(line.toString());
      if (job === null) return;
      pending = [];
      start = end + 1;
      kept.bytes += line.length + 1;
      if (job.failed) kept.failed += 1;
      done.add(pathKey(job.path));
    }
    pending.push(chunk.subarray(start));
  }
}

/** What is known of the evaluation in a directory, or null. */
export async function readState(directory: string): Promise<SpoolState | null> {
  try {
    const state: unknown = JSON.parse(await readFile(join(directory, stateName), 'utf8'));
    return isState(state) ? state : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

function isState(state: unknown): state is SpoolState {
  return (
    typeof state === 'object' &&
    state !== null &&
    'system' in state &&
    'bytes' in state &&
    'attributes' in state &&
    typeof state.attributes === 'number'
  );
}

async function writeState(directory: string, state: SpoolState): Promise<void> {
  const temporary = join(directory, `${stateName}.new`);
  await writeFile(temporary, `${JSON.stringify(state)}\n`, { flush: true });
  await rename(temporary, join(directory, stateName));
}

/** Removes a spool with all that is in it. */
export async function removeSpool(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

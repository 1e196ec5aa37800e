import type { ErrorRow, JobStream, NormalizedPackage } from '../model.ts';
import type { StageContext } from '../report/event.ts';
import { errorClass } from './error-class.ts';
import { isUnfit, parseLine } from './line.ts';
import { packageOf, type PackageOptions } from './package.ts';
import { cleanText } from './text.ts';

const lineFeed = 10;

/** An evaluation error, its system still to be told, and the number of its line. */
export type LineError = Omit<ErrorRow, 'system'> & { line: number };

/** What came of a batch of lines: every line that is not blank is a package or an error. */
export interface NormalizedBatch {
  packages: NormalizedPackage[];
  /** The number of each package's line. */
  lines: number[];
  errors: LineError[];
  /** Lines that were no job at all; they are among the errors, with class `invalid`. */
  invalid: number;
}

/**
 * One system's lines as packages and errors, in batches as they come. Nothing is dropped: a line that does not parse or
 * fit, and a second line for an attribute path, are errors with the class `invalid` or `duplicate`.
 */
export async function* normalize(
  stream: JobStream,
  options: PackageOptions & { firstLine?: number },
  { signal }: Pick<StageContext, 'signal'>,
): AsyncGenerator<NormalizedBatch> {
  const seen = new Set<string>();
  let lineNumber = (options.firstLine ?? 1) - 1;
  for await (const lineBatch of stream.lines) {
    const lines = Array.isArray(lineBatch) ? lineBatch : linesOfBlock(lineBatch);
    signal.throwIfAborted();
    const batch: NormalizedBatch = { packages: [], lines: [], errors: [], invalid: 0 };
    for (const line of lines) {
      lineNumber += 1;
      addLine(line, { origin: stream.origin, line: lineNumber }, batch, seen, options);
    }
    yield batch;
  }
}

/**
 * The lines of a block of bytes. Each is decoded by itself: V8 keeps two bytes for every character of a text that has a single one
 * beyond Latin-1, and works more slowly on it. A byte order mark at the very start is left to `addLine`.
 */
export function* linesOfBlock(block: Uint8Array): Generator<string> {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  let start = 0;
  for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
    yield bytes.toString('utf8', start, end);
    start = end + 1;
  }
  yield bytes.toString('utf8', start);
}

/** Where a line stands. */
interface Place {
  origin: string;
  line: number;
}

/** The error that a second line for an attribute path is. */
export function duplicateError(attribute: string, { origin, line }: Place): LineError {
  const message = `${origin}:${line}: this attribute path stood on an earlier line already`;
  return { attribute_path: attribute, class: 'duplicate', message, line };
}

function addLine(
  rawLine: string,
  place: Place,
  batch: NormalizedBatch,
  seen: Set<string>,
  options: PackageOptions,
): void {
  const text = rawLine.startsWith('\uFEFF') ? rawLine.slice(1) : rawLine;
  if (text.trim() === '') return;
  const { origin, line } = place;
  const job = parseLine(text);
  if (isUnfit(job)) {
    batch.invalid += 1;
    const message = cleanText(`${origin}:${line}: ${job.reason}; the line begins ${JSON.stringify(text.slice(0, 80))}`);
    batch.errors.push({ attribute_path: job.attribute, class: 'invalid', message, line });
    return;
  }
  const attribute = job.attr;
  if (seen.has(attribute)) {
    batch.errors.push(duplicateError(attribute, place));
    return;
  }
  seen.add(attribute);
  if (job.error === undefined) {
    batch.packages.push(packageOf(job, options));
    batch.lines.push(line);
  } else {
    const message = job.error || `${origin}:${line}: an error without a message`;
    batch.errors.push({ attribute_path: attribute, class: errorClass(message), message, line });
  }
}

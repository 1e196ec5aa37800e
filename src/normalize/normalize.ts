import type { ErrorRow, JobStream, NormalizedPackage } from '../model.ts';
import type { StageContext } from '../report/event.ts';
import { errorClass } from './error-class.ts';
import { isUnfit, parseLine } from './line.ts';
import { packageOf, type PackageOptions } from './package.ts';
import { cleanText } from './text.ts';

/** An evaluation error, its system still to be told. */
export type LineError = Omit<ErrorRow, 'system'>;

/** What came of a batch of lines: every line that is not blank is a package or an error. */
export interface NormalizedBatch {
  packages: NormalizedPackage[];
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
  options: PackageOptions,
  { signal }: Pick<StageContext, 'signal'>,
): AsyncGenerator<NormalizedBatch> {
  const seen = new Set<string>();
  let lineNumber = 0;
  for await (const lines of stream.lines) {
    signal.throwIfAborted();
    const batch: NormalizedBatch = { packages: [], errors: [], invalid: 0 };
    for (const line of lines) {
      lineNumber += 1;
      addLine(line, `${stream.origin}:${lineNumber}`, batch, seen, options);
    }
    yield batch;
  }
}

function addLine(
  rawLine: string,
  place: string,
  batch: NormalizedBatch,
  seen: Set<string>,
  options: PackageOptions,
): void {
  const line = rawLine.startsWith('\uFEFF') ? rawLine.slice(1) : rawLine;
  if (line.trim() === '') return;
  const job = parseLine(line);
  if (isUnfit(job)) {
    batch.invalid += 1;
    const message = `${place}: ${job.reason}; the line begins ${JSON.stringify(line.slice(0, 80))}`;
    batch.errors.push({ attribute_path: job.attribute, class: 'invalid', message: cleanText(message) });
    return;
  }
  const attribute = job.attr;
  if (seen.has(attribute)) {
    batch.errors.push({
      attribute_path: attribute,
      class: 'duplicate',
      message: `${place}: this attribute path stood on an earlier line already`,
    });
    return;
  }
  seen.add(attribute);
  if (job.error === undefined) batch.packages.push(packageOf(job, options));
  else {
    const message = job.error || `${place}: an error without a message`;
    batch.errors.push({ attribute_path: attribute, class: errorClass(message), message });
  }
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KnownError } from '../errors.ts';
import { startGroup, type Exit, type Group } from '../process/group.ts';
import { quoteCommand } from '../process/quote.ts';
import { notStarted } from '../process/run.ts';
import { evaluatorCommand } from './arguments.ts';
import { notAJob, parseJobLine, type JobLine } from './job-line.ts';
import { lineSplitter } from './lines.ts';
import { pathTree, type AttributePath } from './paths.ts';
import { condense, type Condensed } from './stderr.ts';
import { inFlight, type InFlight } from './in-flight.ts';

/** What all starts of the evaluator for one system have in common. */
export interface Evaluator {
  program: string;
  expressionFile: string;
  applyFile: string;
  /** Where the request is written to. */
  directory: string;
  /** The fields of the request that never change: what to evaluate. */
  target: Record<string, unknown>;
  environment: NodeJS.ProcessEnv;
  /** After so long without a line the evaluator counts as hanging. */
  stallMs: number;
  /** How long it may take to end after SIGTERM. */
  graceMs: number | undefined;
}

/** One start of the evaluator: over all that is not known yet, or over a few attribute paths alone. */
export interface Attempt {
  skip: Iterable<AttributePath>;
  only: readonly AttributePath[] | null;
  /** Have the attribute paths announced, to know which were in flight when a worker dies. */
  trace: boolean;
  /** List the attribute paths alone. */
  names: boolean;
  workers: number;
  workerMiB: number;
}

export interface AttemptEvents {
  /** Takes lines in the order in which they were printed; the evaluator waits until it settles. */
  lines: (lines: { text: string; job: JobLine }[]) => Promise<void>;
  started: (group: Group, command: string) => void;
}

export type Outcome =
  | { kind: 'complete'; stderr: Condensed }
  /** `suspects` were begun and not finished; empty where nothing was announced. `lines` were printed before. */
  | { kind: 'died'; reason: string; suspects: string[][]; lines: number; begun: boolean; stderr: Condensed };

/** Runs the evaluator once. That it died is an outcome; what it cannot do at all is an error. */
export async function attempt(
  evaluator: Evaluator,
  request: Attempt,
  events: AttemptEvents,
  signal: AbortSignal,
): Promise<Outcome> {
  signal.throwIfAborted();
  const command = await prepare(evaluator, request);
  const group = startGroup(command, { env: evaluator.environment, graceMs: evaluator.graceMs });
  events.started(group, quoteCommand(command));
  const watch = stallWatch(group, evaluator.stallMs);
  const abort = (): void => void group.stop();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const stderr = condense();
    const begun = inFlight();
    const [printed, exit] = await Promise.all([
      readJobs(group, evaluator.program, begun, { ...events, lines: watch.wrap(events.lines) }),
      // Whatever is left of the group when its leader has ended has nothing more to say.
      group.exit.then(async (ended) => (await group.stop(), ended)),
      readStderr(group, begun, stderr),
    ]);
    signal.throwIfAborted();
    if (exit.error !== null) throw notStarted(command, exit.error, 'Install nix-eval-jobs 2.31 or newer.');
    return outcomeOf(exit, watch.stalled(), printed, begun, stderr);
  } finally {
    signal.removeEventListener('abort', abort);
    watch.end();
    await group.stop();
  }
}

async function prepare(evaluator: Evaluator, request: Attempt): Promise<[string, ...string[]]> {
  const requestFile = join(evaluator.directory, 'request.json');
  const { trace, names } = request;
  const only = request.only === null ? null : pathTree(request.only);
  await writeFile(
    requestFile,
    JSON.stringify({ ...evaluator.target, skip: pathTree(request.skip), only, trace, names }),
  );
  return evaluatorCommand({ ...evaluator, ...request, requestFile, flake: evaluator.target['flake'] !== undefined });
}

async function readJobs(
  group: Group,
  program: string,
  begun: InFlight,
  events: AttemptEvents,
): Promise<{ lines: number; rest: string }> {
  const splitter = lineSplitter();
  let count = 0;
  for await (const chunk of group.child.stdout as AsyncIterable<Buffer>) {
    const lines = splitter.push(chunk).map((text) => {
      const job = parseJobLine(text);
      if (job === null) throw notAJob(text, program);
      if (job.path.length === 0) throw new KnownError(`The package set does not evaluate:\n${errorOf(text)}`);
      begun.printed(job.path);
      return { text, job };
    });
    count += lines.length;
    if (lines.length > 0) await events.lines(lines);
  }
  return { lines: count, rest: splitter.rest() };
}

function errorOf(line: string): string {
  const job: unknown = JSON.parse(line);
  return typeof job === 'object' && job !== null && 'error' in job ? String(job.error) : line;
}

async function readStderr(group: Group, begun: InFlight, stderr: Condensed): Promise<void> {
  const splitter = lineSplitter();
  const take = (line: string): void => {
    if (!begun.announced(line)) stderr.add(line);
  };
  for await (const chunk of group.child.stderr as AsyncIterable<Buffer>) splitter.push(chunk).forEach(take);
  take(splitter.rest());
}

function outcomeOf(
  exit: Exit,
  stalled: boolean,
  printed: { lines: number; rest: string },
  begun: InFlight,
  stderr: Condensed,
): Outcome {
  if (exit.code === 0 && printed.rest === '' && !stalled) return { kind: 'complete', stderr };
  const rootError = stderr.tail().findIndex((line) => line.includes('worker error: '));
  if (rootError !== -1) {
    throw new KnownError(`The package set does not evaluate:\n${stderr.tail().slice(rootError).join('\n')}`);
  }
  const reason = stalled ? 'it printed nothing for too long' : reasonOf(exit, stderr);
  return { kind: 'died', reason, suspects: begun.unfinished(), lines: printed.lines, begun: begun.any(), stderr };
}

function reasonOf(exit: Exit, stderr: Condensed): string {
  const said = stderr.tail().findLast((line) => line.includes('evaluation worker'));
  if (said !== undefined) return said.replace(/^.*?error: /, '').trim();
  if (exit.signal !== null) return `it was ended by ${exit.signal}`;
  return exit.code === 0 ? 'its output ends in the middle of a line' : `it ended with exit code ${exit.code}`;
}

interface StallWatch {
  wrap: (lines: AttemptEvents['lines']) => AttemptEvents['lines'];
  stalled: () => boolean;
  end: () => void;
}

/** Stops a group that prints nothing for too long; the time in which its lines are taken does not count. */
function stallWatch(group: Group, stallMs: number): StallWatch {
  let stalled = false;
  const fire = (): void => {
    stalled = true;
    void group.stop();
  };
  let timer = setTimeout(fire, stallMs);
  return {
    wrap: (lines) => async (batch) => {
      clearTimeout(timer);
      await lines(batch);
      if (!stalled) timer = setTimeout(fire, stallMs);
    },
    stalled: () => stalled,
    end: () => clearTimeout(timer),
  };
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KnownError } from '../errors.ts';
import { startGroup, type Exit, type Group } from '../process/group.ts';
import { quoteCommand } from '../process/quote.ts';
import { notStarted } from '../process/run.ts';
import { evaluatorCommand } from './arguments.ts';
import { gulps } from './gulps.ts';
import { notAJob, parseJobLine, type JobLine } from './job-line.ts';
import { lineSplitter, refuseLongLine } from './lines.ts';
import { pathTree, type AttributePath } from './paths.ts';
import { evaluatorRemedy } from './probe.ts';
import { condense, type Condensed } from './stderr.ts';
import { inFlight, type InFlight } from './in-flight.ts';

/** Longer lines of stderr are cut. */
const longestMessage = 1 << 16;

/**
 * How nix-eval-jobs says that the package set itself fails. A worker whose collecting process was killed says something alike,
 * about the command that it did not get.
 */
const rootFailure = /worker error: (?!received invalid command)/;

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
  | { kind: 'died'; reason: string; suspects: string[][]; lines: number; stderr: Condensed };

/** Runs the evaluator once. That it died is an outcome; what it cannot do at all is an error. */
export async function attempt(
  evaluator: Evaluator,
  request: Attempt,
  events: AttemptEvents,
  signal: AbortSignal,
): Promise<Outcome> {
  signal.throwIfAborted();
  const command = await prepare(evaluator, request);
  // A signal that came meanwhile tells nobody who listens from now on.
  signal.throwIfAborted();
  const group = startGroup(command, { env: evaluator.environment, graceMs: evaluator.graceMs, leashed: true });
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
    if (exit.error !== null) throw notStarted(command, exit.error, evaluatorRemedy);
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

interface Printed {
  lines: number;
  /** What follows the last newline. */
  rest: string;
  starved: string[][];
}

async function readJobs(group: Group, program: string, begun: InFlight, events: AttemptEvents): Promise<Printed> {
  const splitter = lineSplitter(refuseLongLine(`The output of ${program}`));
  const starved: string[][] = [];
  let count = 0;
  for await (const chunk of gulps(group.stdout)) {
    const lines = splitter.push(chunk).map((text) => readJob(text, program));
    const kept = lines.filter(({ job }) => !job.starved);
    for (const { job } of kept) begun.printed(job.path);
    // The worker is of no more use, and nix-eval-jobs would go on with it.
    if (kept.length < lines.length) void group.stop();
    starved.push(...lines.flatMap(({ job }) => (job.starved ? [job.path] : [])));
    count += kept.length;
    if (kept.length > 0) await events.lines(kept);
  }
  return { lines: count, rest: splitter.rest(), starved };
}

function readJob(text: string, program: string): { text: string; job: JobLine } {
  const job = parseJobLine(text);
  if (job === null) throw notAJob(text, program);
  if (job.path.length === 0) throw new KnownError(`The package set does not evaluate:\n${errorOf(text)}`);
  return { text, job };
}

function errorOf(line: string): string {
  const job: unknown = JSON.parse(line);
  return typeof job === 'object' && job !== null && 'error' in job ? String(job.error) : line;
}

async function readStderr(group: Group, begun: InFlight, stderr: Condensed): Promise<void> {
  // Nobody reads further than this, and what is said has no form that a cut could break.
  const splitter = lineSplitter(() => undefined, longestMessage);
  const take = (line: string): void => {
    if (!begun.announced(line)) stderr.add(line);
  };
  for await (const chunk of group.stderr as AsyncIterable<Buffer>) splitter.push(chunk).forEach(take);
  take(splitter.rest());
}

function outcomeOf(exit: Exit, stalled: boolean, printed: Printed, begun: InFlight, stderr: Condensed): Outcome {
  if (exit.code === 0 && printed.rest === '' && printed.starved.length === 0 && !stalled)
    return { kind: 'complete', stderr };
  const rootError = stderr.tail().findIndex((line) => rootFailure.test(line));
  if (rootError !== -1) {
    throw new KnownError(`The package set does not evaluate:\n${stderr.tail().slice(rootError).join('\n')}`);
  }
  const suspects = printed.starved.length > 0 ? printed.starved : begun.unfinished();
  return { kind: 'died', reason: reasonOf(exit, stalled, printed, stderr), suspects, lines: printed.lines, stderr };
}

function reasonOf(exit: Exit, stalled: boolean, printed: Printed, stderr: Condensed): string {
  if (stalled) return 'it printed nothing for too long';
  if (printed.starved.length > 0) return 'a worker ran out of memory (std::bad_alloc)';
  const said = stderr.tail().findLast((line) => line.includes('evaluation worker'));
  if (said !== undefined) return said.replace(/^.*?error: /, '').trim();
  const last = stderr.tail().at(-1) ?? '';
  if (/^(?:error: |terminate called|GC Warning|Too many)/.test(last)) return last.replace(/^error: /, '').trim();
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
  let over = false;
  return {
    wrap: (lines) => async (batch) => {
      clearTimeout(timer);
      await lines(batch);
      if (!stalled && !over) timer = setTimeout(fire, stallMs);
    },
    stalled: () => stalled,
    end: () => {
      over = true;
      clearTimeout(timer);
    },
  };
}

import { KnownError } from '../errors.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { errorLine, parseJobLine, type JobLine } from './job-line.ts';
import { pathKey, pathOfKey, showPath, type AttributePath } from './paths.ts';

/** How much the evaluator may use at once. */
export interface Share {
  workers: number;
  workerMiB: number;
}

export interface WalkDeps {
  /** Starts the evaluator once and spools what it prints. */
  attempt: (request: Attempt) => Promise<Outcome>;
  /** Lists the attribute paths that the evaluator would walk, or null where that fails too. */
  list: () => Promise<string[][] | null>;
  /** The keys of the attribute paths that have a line. */
  done: ReadonlySet<string>;
  /** Adds the error line of an attribute that is given up. */
  giveUp: (line: { text: string; job: JobLine }) => Promise<void>;
  /** The whole budget, for attributes that are evaluated alone. */
  alone: Share;
  warn: (message: string) => void;
}

type Died = Extract<Outcome, { kind: 'died' }>;

const mostDeaths = 100;
/** With less, a worker of nixpkgs is replaced after nearly every attribute. */
const leastWorkerMiB = 1024;

/**
 * Evaluates all that is not done yet. nix-eval-jobs ends as a whole when one worker dies: it is started again over what is
 * missing, with less at once, and what was in flight is set aside, to be evaluated alone at the end. An attribute on
 * which the evaluator dies alone becomes an error line.
 */
export async function walk(deps: WalkDeps, share: Share): Promise<void> {
  const aside = new Map<string, string[]>();
  let [current, trace] = [share, false];
  for (let deaths = 0; ; deaths += 1) {
    const skip = [...[...deps.done].map(pathOfKey), ...aside.values()];
    const outcome = await deps.attempt({ ...current, skip, only: null, trace, names: false });
    if (outcome.kind === 'complete') break;
    if (deaths >= mostDeaths) throw tooManyDeaths(outcome, deaths);
    const stuck = outcome.lines === 0 && outcome.suspects.length === 0;
    if (stuck && trace && current.workers === 1) {
      await settle(deps, await missing(deps, outcome), current);
      continue;
    }
    for (const path of outcome.suspects) aside.set(pathKey(path), path);
    current = less(stuck ? { ...current, workers: 1 } : current, outcome);
    trace = true;
    deps.warn(restartMessage(outcome, current, deps.done.size));
  }
  await settle(deps, [...aside.values()], current);
}

/**
 * What a death says that memory explains. The last is what nix-eval-jobs makes of a worker that the system killed a moment ago
 * and has not buried yet.
 */
const memoryDeath = /SIGKILL|SIGABRT|memory|bad_alloc|worker still running/i;

/** Less at once after a death that memory explains; otherwise the attribute is to blame, and setting it aside is enough. */
function less(share: Share, outcome: Died): Share {
  // The attribute that it names may be called anything.
  const reason = outcome.reason.replace(/attrPath '[^']*'/, '');
  if (!memoryDeath.test(reason)) return share;
  return {
    workers: Math.max(1, Math.floor(share.workers / 2)),
    workerMiB: Math.min(share.workerMiB, Math.max(leastWorkerMiB, Math.floor(share.workerMiB * 0.6))),
  };
}

async function missing(deps: WalkDeps, outcome: Died): Promise<string[][]> {
  const listed = await deps.list();
  const paths = (listed ?? []).filter((path) => !deps.done.has(pathKey(path)));
  if (paths.length > 0) return paths;
  throw new KnownError(
    `nix-eval-jobs died before it evaluated anything: ${outcome.reason}.\n${outcome.stderr.tail().join('\n')}`,
  );
}

/** Evaluates some attribute paths with one worker: at first together, then, where it dies, in ever smaller parts. */
async function settle(deps: WalkDeps, paths: readonly AttributePath[], share: Share): Promise<void> {
  let open = paths.filter((path) => !deps.done.has(pathKey(path)));
  const tried = new Set<string>();
  while (open.length > 0) {
    const skip = [...deps.done].map(pathOfKey);
    const alone = open.length === 1;
    const outcome = await deps.attempt({
      ...(alone ? deps.alone : share),
      workers: 1,
      skip,
      only: open,
      trace: true,
      names: false,
    });
    if (outcome.kind === 'complete') return;
    open = open.filter((path) => !deps.done.has(pathKey(path)));
    const [first] = open;
    if (first === undefined) return;
    const suspect = outcome.suspects.findLast((path) => outcome.lines > 0 || !tried.has(pathKey(path)));
    if (suspect !== undefined) tried.add(pathKey(suspect));
    if (alone && (suspect === undefined || pathKey(suspect) === pathKey(first))) {
      await giveUp(deps, first, outcome);
      return;
    }
    const part = suspect === undefined ? open.slice(0, Math.ceil(open.length / 2)) : [suspect];
    await settle(deps, part, share);
    const settled = new Set(part.map(pathKey));
    open = open.filter((path) => !settled.has(pathKey(path)) && !deps.done.has(pathKey(path)));
  }
}

async function giveUp(deps: WalkDeps, path: AttributePath, outcome: Died): Promise<void> {
  const attribute = showPath(path);
  const text = errorLine(
    path,
    attribute,
    `error: the evaluation worker died on this attribute, evaluated alone: ${outcome.reason}`,
  );
  const job = parseJobLine(text);
  if (job !== null) await deps.giveUp({ text, job });
  deps.warn(`${attribute} is recorded as an error: nix-eval-jobs died on it even alone (${outcome.reason}).`);
}

function restartMessage(outcome: Died, share: Share, done: number): string {
  const suspects = outcome.suspects.slice(0, 8).map(showPath).join(', ');
  const aside =
    suspects === ''
      ? ''
      : ` What was in flight is left for the end: ${suspects}${outcome.suspects.length > 8 ? ', …' : ''}.`;
  const workers = share.workers === 1 ? '1 worker' : `${share.workers} workers`;
  return (
    `nix-eval-jobs died after ${done} attributes: ${outcome.reason}. ` +
    `It goes on with ${workers} of ${share.workerMiB} MiB.${aside}`
  );
}

function tooManyDeaths(outcome: Died, deaths: number): KnownError {
  return new KnownError(
    `nix-eval-jobs died ${deaths + 1} times, the last time so: ${outcome.reason}. What it evaluated is kept. ` +
      `Give it more memory (evaluation.maxMemoryMiB) or look at its last lines:\n${outcome.stderr.tail().join('\n')}`,
  );
}

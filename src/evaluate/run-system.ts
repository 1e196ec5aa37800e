import { KnownError } from '../errors.ts';
import type { EvaluationTarget } from '../model.ts';
import type { Group } from '../process/group.ts';
import type { StageContext } from '../report/event.ts';
import { attempt, type Attempt, type Evaluator, type Outcome } from './attempt.ts';
import type { Gate } from './gate.ts';
import { expectedAttributes, removeOthers } from './history.ts';
import { lockSpool } from './lock.ts';
import { monitor, type Monitor } from './monitor.ts';
import type { Sizing } from './sizing.ts';
import { openSpool, type Spool } from './spool.ts';
import { walk } from './walk.ts';

export interface SystemRequest {
  target: EvaluationTarget;
  system: string;
  sizing: Sizing;
  /** The directory of the spool. */
  directory: string;
}

interface Run {
  evaluator: Evaluator;
  request: SystemRequest;
  spool: Spool;
  gate: Gate;
  monitor: Monitor;
  warnings: Map<string, number>;
  deaths: number;
}

/** What the starts for all systems have in common. */
export type Common = Omit<Evaluator, 'directory' | 'target'>;

/** Evaluates what one system's spool lacks, held by this process alone; `onOpened` is told of the spool as soon as it is there. */
export async function runSystem(
  common: Common,
  request: SystemRequest,
  changes: Gate,
  ctx: StageContext,
  onOpened: (spool: Spool) => void,
): Promise<void> {
  ctx.signal.throwIfAborted();
  const lock = await lockSpool(request.directory);
  try {
    await runLocked(common, request, changes, ctx, onOpened);
  } finally {
    await lock.release();
  }
}

async function runLocked(
  common: Common,
  request: SystemRequest,
  changes: Gate,
  ctx: StageContext,
  onOpened: (spool: Spool) => void,
): Promise<void> {
  const { target, system, sizing, directory } = request;
  const started = performance.now();
  const spool = await openSpool(directory, { system, revision: target.revision });
  onOpened(spool);
  changes.open();
  const total = spool.wasComplete ? spool.resumed : await expectedAttributes(directory, system);
  const watch = monitor(`evaluate ${system}`, spool, sizing, total, ctx.report);
  const evaluator = { ...common, directory, target: { ...target.request, system } };
  const run: Run = { evaluator, request, spool, gate: changes, monitor: watch, warnings: new Map(), deaths: 0 };
  try {
    if (!spool.wasComplete) await evaluateMissing(run, ctx);
    summarize(run, started, ctx);
    await removeOthers(directory, system);
  } finally {
    watch.end();
    await spool.close();
  }
}

async function evaluateMissing(run: Run, ctx: StageContext): Promise<void> {
  const { spool, request } = run;
  const { sizing, system } = request;
  if (spool.resumed > 0) {
    ctx.report({
      type: 'info',
      message: `${spool.resumed} attributes of ${system} are evaluated already: going on from there.`,
    });
  }
  const limit = AbortSignal.timeout(sizing.timeoutMinutes * 60_000);
  const signal = AbortSignal.any([ctx.signal, limit]);
  const start = (once: Attempt): Promise<Outcome> => startOnce(run, once, { ...ctx, signal });
  try {
    await walk(
      {
        attempt: start,
        list: () => listNames(run, signal),
        done: spool.done,
        giveUp: (line) => append(run, [line]),
        alone: { workers: 1, workerMiB: sizing.workerMiB * sizing.workers },
        warn: (message) => ctx.report({ type: 'warning', message }),
      },
      sizing,
    );
  } catch (error) {
    if (!limit.aborted || ctx.signal.aborted) throw error;
    throw new KnownError(
      `Evaluating ${system} took longer than ${sizing.timeoutMinutes} minutes and was stopped after ${spool.done.size} attributes. ` +
        'They are kept: run it again to go on from there, or raise evaluation.timeoutMinutes.',
      { cause: error },
    );
  }
  await spool.complete();
}

async function startOnce(run: Run, once: Attempt, ctx: StageContext): Promise<Outcome> {
  const outcome = await attempt(
    run.evaluator,
    once,
    {
      lines: (lines) => append(run, lines),
      started: (group, command) => {
        run.monitor.watch(group, once.workers);
        ctx.report({ type: 'info', message: `Starting ${command}` });
      },
    },
    ctx.signal,
  );
  if (outcome.kind === 'died') run.deaths += 1;
  for (const { count, example } of outcome.stderr.kinds(20)) {
    run.warnings.set(example, (run.warnings.get(example) ?? 0) + count);
  }
  return outcome;
}

async function append(run: Run, lines: Parameters<Spool['append']>[0]): Promise<void> {
  await run.spool.append(lines);
  run.gate.open();
}

/** The attribute paths that the evaluator would walk, with derivations that cost nothing. */
async function listNames(run: Run, signal: AbortSignal): Promise<string[][] | null> {
  const { workerMiB } = run.request.sizing;
  const paths: string[][] = [];
  const request = { skip: [], only: null, trace: false, names: true, workers: 1, workerMiB };
  const lines = async (printed: { job: { path: string[] } }[]): Promise<void> =>
    void paths.push(...printed.map(({ job }) => job.path));
  const started = (group: Group): void => run.monitor.watch(group, request.workers);
  const outcome = await attempt(run.evaluator, request, { lines, started }, signal);
  return outcome.kind === 'complete' ? paths : null;
}

function summarize(run: Run, started: number, ctx: StageContext): void {
  const { spool, request, monitor: watch, deaths } = run;
  const attributes = spool.wasComplete ? spool.resumed : spool.done.size;
  const peakMiB = watch.peakMiB();
  const common = [...run.warnings].toSorted((a, b) => b[1] - a[1]).slice(0, 5);
  if (common.length > 0) {
    const kinds = common.map(([example, count]) => `${count} × ${example.trim().slice(0, 160)}`);
    ctx.report({ type: 'info', message: `Warnings of the evaluation, alike ones counted:\n  ${kinds.join('\n  ')}` });
  }
  ctx.report({
    type: 'step',
    task: `evaluate ${request.system}`,
    seconds: (performance.now() - started) / 1000,
    counts: {
      attributes,
      failed: spool.failed(),
      evaluated: attributes - spool.resumed,
      restarts: deaths,
      workers: request.sizing.workers,
      ...(peakMiB === null ? {} : { peakMiB }),
    },
  });
}

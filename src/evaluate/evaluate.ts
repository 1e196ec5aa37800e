import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.ts';
import type { EvaluationTarget, JobStream } from '../model.ts';
import type { StageContext } from '../report/event.ts';
import { evaluatorEnvironment } from '../process/nix-environment.ts';
import { follow } from './follow.ts';
import { probeEvaluator } from './probe.ts';
import { readMachine, sizeEvaluation, type EvaluationLimits, type Machine } from './sizing.ts';
import { evaluateSystem, type SystemEvaluation } from './system.ts';

export interface EvaluateDeps {
  /** The systems to evaluate, one after the other, each with the whole budget. */
  systems: readonly string[];
  limits: EvaluationLimits;
  /** Where unfinished evaluations are kept. */
  cacheDirectory: string;
  /** The evaluator: nix-eval-jobs on PATH unless told otherwise. */
  program?: string;
  environment?: NodeJS.ProcessEnv;
  machine?: Machine;
  /** After so long without a line the evaluator counts as hanging. */
  stallMs?: number;
  /** How long it may take to end after SIGTERM. */
  graceMs?: number;
}

const expressionFile = fileURLToPath(new URL('../../nix/evaluate.nix', import.meta.url));
const applyFile = fileURLToPath(new URL('../../nix/apply.nix', import.meta.url));
const defaultStallMs = 10 * 60_000;

/** An evaluation that begins when one of its streams is read. */
export interface Evaluation {
  /** A stream for each system, in their order. */
  streams: JobStream[];
  /** The version of the Nix that evaluates. */
  nixVersion: string;
}

/**
 * Evaluates a package set for one or several systems, which can be read while the evaluation runs: it goes to disk as it
 * arrives, so nobody has to keep up with it, and a run that was killed goes on where it was. A stream that is left before
 * its end stops the evaluation.
 */
export async function evaluate(target: EvaluationTarget, deps: EvaluateDeps, ctx: StageContext): Promise<Evaluation> {
  if (deps.systems.length === 0) throw new UsageError('nixpkgs.systems: there is no system to evaluate.');
  const program = deps.program ?? 'nix-eval-jobs';
  const environment = evaluatorEnvironment(deps.environment ?? process.env, deps.cacheDirectory);
  const sizing = sizeEvaluation(deps.limits, deps.machine ?? readMachine());
  if (sizing.excess !== null) ctx.report({ type: 'warning', message: sizing.excess });
  const nixVersion = await probeEvaluator(program, environment, ctx.signal);
  const expressions = await Promise.all([readFile(expressionFile, 'utf8'), readFile(applyFile, 'utf8')]);
  const left = new AbortController();
  const signal = AbortSignal.any([ctx.signal, left.signal]);

  const read = Promise.withResolvers<void>();
  let previous: Promise<unknown> = read.promise;
  const streams = deps.systems.map((system) => {
    const key = spoolKey([target.key, system, nixVersion, expressions]);
    const evaluation = evaluateSystem(
      {
        program,
        expressionFile,
        applyFile,
        environment,
        stallMs: deps.stallMs ?? defaultStallMs,
        graceMs: deps.graceMs,
      },
      { target, system, sizing, directory: join(deps.cacheDirectory, 'evaluations', `${system}-${key}`) },
      previous,
      { ...ctx, signal },
    );
    previous = evaluation.finished;
    return streamOf(evaluation, `${program} (${system})`, signal, { begin: read.resolve, leave: () => left.abort() });
  });
  return { streams, nixVersion };
}

function streamOf(
  evaluation: SystemEvaluation,
  origin: string,
  signal: AbortSignal,
  { begin, leave }: { begin: () => void; leave: () => void },
): JobStream {
  return {
    system: evaluation.system,
    origin,
    lines: {
      async *[Symbol.asyncIterator]() {
        begin();
        let read = false;
        try {
          yield* follow(await evaluation.opened, evaluation.progress, signal);
          read = true;
        } finally {
          // Its own evaluation may be over, and that of the next system under way.
          if (!read) leave();
        }
      },
    },
    finished: () => evaluation.finished,
  };
}

/** Names a spool by all that its lines depend on. */
function spoolKey(parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
}

import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { evaluate, type EvaluateDeps } from '../../src/evaluate/evaluate.ts';
import type { EvaluationTarget, JobStream, RawJob } from '../../src/model.ts';
import { linesIn } from './lines.ts';
import type { ReportEvent, StageContext } from '../../src/report/event.ts';
import type { FakePlan } from '../fixtures/nix-eval-jobs.ts';
import { temporaryDirectory } from './directory.ts';

const fake = fileURLToPath(new URL('../fixtures/nix-eval-jobs.ts', import.meta.url));

/** What the fake evaluator wrote down of itself. */
interface FakeLog {
  starts: { args: string[]; environment: Record<string, string>; pid: number }[];
  /** How often it began with each attribute, by its path. */
  begun: Map<string, number>;
}

export interface FakeEvaluator {
  directory: string;
  program: string;
  events: ReportEvent[];
  context: StageContext;
  deps: EvaluateDeps;
  change: (plan: FakePlan) => Promise<void>;
  log: () => Promise<FakeLog>;
  /** Evaluates one system to its end. */
  evaluate: (more?: Partial<EvaluateDeps>) => Promise<RawJob[]>;
}

export const target: EvaluationTarget = {
  tree: '/nowhere',
  request: { tree: '/nowhere', overlays: [], config: {} },
  revision: 'r1',
  nixpkgsVersion: '26.11',
  key: 'k1',
};

/** A fake nix-eval-jobs that follows a plan, and what an evaluation with it needs. */
export async function fakeEvaluator(t: TestContext, plan: FakePlan): Promise<FakeEvaluator> {
  const directory = await temporaryDirectory(t);
  const planFile = join(directory, 'plan.json');
  const program = join(directory, 'nix-eval-jobs');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' --no-warnings '${fake}' '${planFile}' "$@"\n`);
  await chmod(program, 0o755);
  const change = (next: FakePlan): Promise<void> => writeFile(planFile, JSON.stringify(next));
  await change(plan);
  const events: ReportEvent[] = [];
  const context = { signal: new AbortController().signal, report: (event: ReportEvent) => void events.push(event) };
  const deps: EvaluateDeps = {
    systems: ['x86_64-linux'],
    limits: { workers: 2, maxMemoryMiB: 8192, timeoutMinutes: 5 },
    cacheDirectory: join(directory, 'cache'),
    program,
    machine: { cores: 2, coresFrom: 'the test', memoryMiB: 16384, memoryFrom: 'the test' },
  };
  return {
    directory,
    program,
    events,
    context,
    deps,
    change,
    log: () => readLog(`${planFile}.log`),
    evaluate: async (more = {}) => {
      const { streams } = await evaluate(target, { ...deps, ...more }, context);
      return (await Promise.all(streams.map(jobsOf))).flat();
    },
  };
}

/** All jobs of a stream, which must end well. */
export async function jobsOf(stream: JobStream): Promise<RawJob[]> {
  const jobs: RawJob[] = [];
  for (const line of await linesIn(stream.lines)) jobs.push(JSON.parse(line));
  await stream.finished?.();
  return jobs;
}

async function readLog(path: string): Promise<FakeLog> {
  const log: FakeLog = { starts: [], begun: new Map() };
  const text = await readFile(path, 'utf8').catch(() => '');
  for (const line of text.split('\n').filter(Boolean)) {
    const entry: FakeLog['starts'][number] & { begun?: string[]; names?: boolean } = JSON.parse(line);
    if (entry.begun === undefined) log.starts.push(entry);
    else if (entry.names !== true)
      log.begun.set(entry.begun.join('.'), (log.begun.get(entry.begun.join('.')) ?? 0) + 1);
  }
  return log;
}

import { availableParallelism, freemem, totalmem } from 'node:os';
import { UsageError } from '../errors.ts';
import { cgroupLimits } from './cgroup.ts';
import { readText, type ReadText } from './files.ts';

/** What this process may use, and where that is said. */
export interface Machine {
  cores: number;
  coresFrom: string;
  memoryMiB: number;
  memoryFrom: string;
}

export interface EvaluationLimits {
  workers: number | 'auto';
  /** For all workers together. */
  maxMemoryMiB: number | 'auto';
  timeoutMinutes: number | 'auto';
}

/** How an evaluation is cut up: never more than `budgetMiB` in all. */
export interface Sizing {
  workers: number;
  /** The size at which a worker is replaced by a fresh one: nix-eval-jobs looks after every attribute. */
  workerMiB: number;
  budgetMiB: number;
  timeoutMinutes: number;
  /** Where more was asked for than there is: what that means, for people. */
  excess: string | null;
  /** What was chosen and why, for people. */
  reasons: [what: string, value: string, why: string][];
}

const mebibyte = 1024 ** 2;
/** The share of the available memory that an evaluation takes unless told otherwise. */
const share = 0.75;
/** A worker with less starts anew too often: every start evaluates the standard environment again. */
const usefulWorkerMiB = 2560;
/** With less, a worker is replaced after nearly every attribute. */
const leastWorkerMiB = 1024;
/** The whole of nixpkgs fits into one worker of this size. */
const mostWorkerMiB = 8192;
const mostWorkers = 32;
/** What is left of a worker's share for the last attribute before it is replaced. */
const overshoot = 0.1;

/** What this process may use: control groups first, then what the system has free. */
export function readMachine(read: ReadText = readText): Machine {
  const limits = cgroupLimits(read);
  const free = freeMemory(read);
  const cores = availableParallelism();
  const cpus = limits.cpus !== null && limits.cpus.count < cores ? limits.cpus : { count: cores, from: 'the cores' };
  const memory = limits.memory !== null && limits.memory.bytes < free.bytes ? limits.memory : free;
  return {
    cores: cpus.count,
    coresFrom: cpus.from,
    memoryMiB: Math.floor(memory.bytes / mebibyte),
    memoryFrom: memory.from,
  };
}

function freeMemory(read: ReadText): { bytes: number; from: string } {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(read('/proc/meminfo') ?? '')?.[1];
  if (available !== undefined) return { bytes: Number(available) * 1024, from: 'MemAvailable' };
  // macOS counts memory that it would give up at once as used.
  return { bytes: Math.max(freemem(), totalmem() / 2), from: 'half of the memory' };
}

/**
 * Workers and memory from what the machine has and the settings ask for. The collecting process of nix-eval-jobs keeps
 * every result in memory as well, so it has its part of the budget.
 */
export function sizeEvaluation(limits: EvaluationLimits, machine: Machine): Sizing {
  const asked = limits.maxMemoryMiB !== 'auto';
  const budgetMiB = limits.maxMemoryMiB === 'auto' ? Math.floor(machine.memoryMiB * share) : limits.maxMemoryMiB;
  const forWorkers = budgetMiB - collectorMiB(budgetMiB);
  const fitting = Math.max(1, Math.floor(forWorkers / usefulWorkerMiB));
  const workers = limits.workers === 'auto' ? Math.min(machine.cores, mostWorkers, fitting) : limits.workers;
  if (workers > 1 && forWorkers / workers < leastWorkerMiB) {
    throw new UsageError(
      `evaluation.workers: ${workers} workers do not fit into ${budgetMiB} MiB (evaluation.maxMemoryMiB, or ${share * 100} % of what is free). ` +
        `A worker needs ${leastWorkerMiB} MiB: use at most ${Math.max(1, Math.floor(forWorkers / leastWorkerMiB))}, or raise evaluation.maxMemoryMiB.`,
    );
  }
  const workerMiB = Math.floor(Math.min(mostWorkerMiB, forWorkers / workers) * (1 - overshoot));
  const timeoutMinutes =
    limits.timeoutMinutes === 'auto' ? Math.max(30, Math.ceil(180 / workers)) : limits.timeoutMinutes;
  return {
    workers,
    workerMiB,
    budgetMiB,
    timeoutMinutes,
    excess:
      budgetMiB <= machine.memoryMiB
        ? null
        : `evaluation.maxMemoryMiB is ${budgetMiB}, but ${machine.memoryMiB} MiB are free (${machine.memoryFrom}): ` +
          'the system may kill workers, and what they did not finish is evaluated again with less.',
    reasons: [
      [
        'memory',
        `${budgetMiB} MiB`,
        asked ? 'evaluation.maxMemoryMiB' : `${share * 100} % of ${machine.memoryMiB} MiB (${machine.memoryFrom})`,
      ],
      ['workers', String(workers), workersBecause(limits, machine, fitting)],
      ['memory a worker', `${workerMiB} MiB`, 'its part of the budget, with room for the attribute that exceeds it'],
      [
        'time-out',
        `${timeoutMinutes} min`,
        limits.timeoutMinutes === 'auto' ? 'from the number of workers' : 'evaluation.timeoutMinutes',
      ],
    ],
  };
}

function workersBecause(limits: EvaluationLimits, machine: Machine, fitting: number): string {
  if (limits.workers !== 'auto') return 'evaluation.workers';
  if (fitting < machine.cores) return `as many as fit with ${usefulWorkerMiB} MiB each`;
  return machine.cores > mostWorkers ? `the most that help` : `one a core (${machine.cores}, ${machine.coresFrom})`;
}

/** What the collecting process of nix-eval-jobs and this one take together. */
function collectorMiB(budgetMiB: number): number {
  return Math.min(1536, Math.floor(budgetMiB / 6));
}

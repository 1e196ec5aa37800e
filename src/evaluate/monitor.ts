import type { Report } from '../report/event.ts';
import type { Group } from '../process/group.ts';
import { groupMemory } from './memory.ts';
import type { Sizing } from './sizing.ts';
import type { Spool } from './spool.ts';

/** Shows how an evaluation goes on, and remembers how much memory it took. */
export interface Monitor {
  /** Follows the evaluator that was just started with so many workers. */
  watch: (group: Group, workers: number) => void;
  end: () => void;
  /** The most that all processes took together at a time, in MiB; null where unknown. */
  peakMiB: () => number | null;
}

const showEveryMs = 1000;
/** Looking through all processes for those of the group costs some milliseconds. */
const measureEveryMs = 2000;

export function monitor(task: string, spool: Spool, sizing: Sizing, total: number | null, report: Report): Monitor {
  let group: Group | null = null;
  let workers = sizing.workers;
  let [peak, now]: (number | null)[] = [null, null];
  // Also where nothing is new: a rate and what is left would stand still while the evaluator does.
  const show = (): void => {
    const done = spool.done.size;
    const memory = now === null || now === undefined ? '' : `, ${gibibytes(now)} of ${gibibytes(sizing.budgetMiB)} GiB`;
    report({
      type: 'progress',
      task,
      done,
      ...(total === null ? {} : { total: Math.max(total, done) }),
      unit: 'attributes',
      detail: `${workers} ${workers === 1 ? 'worker' : 'workers'}${memory}`,
    });
  };
  const measure = async (): Promise<void> => {
    const id = group?.pid;
    const memory = id === undefined ? null : await groupMemory(id);
    if (memory === null) return;
    now = memory.totalMiB;
    peak = Math.max(peak ?? 0, memory.totalMiB);
  };
  const timers = [setInterval(show, showEveryMs), setInterval(() => void measure(), measureEveryMs)];
  for (const timer of timers) timer.unref();
  return {
    watch: (started, howMany) => {
      [group, workers] = [started, howMany];
    },
    end: () => timers.forEach((timer) => clearInterval(timer)),
    peakMiB: () => peak ?? null,
  };
}

function gibibytes(mebibytes: number): string {
  return (mebibytes / 1024).toFixed(1);
}

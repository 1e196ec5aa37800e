import type { Report } from './report/event.ts';

/** How long a step took. */
export interface Timing {
  step: string;
  seconds: number;
}

/** Runs steps, keeps how long each took and reports it. */
export interface Stopwatch {
  <T>(step: string, work: () => T | Promise<T>): Promise<T>;
  timings: Timing[];
}

/** A stopwatch that reports to `report`. */
export function stopwatch(report: Report): Stopwatch {
  const timings: Timing[] = [];
  const run = async <T>(step: string, work: () => T | Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    const seconds = Math.round(performance.now() - start) / 1000;
    timings.push({ step, seconds });
    report({ type: 'step', task: step, seconds, counts: {} });
    return result;
  };
  return Object.assign(run, { timings });
}

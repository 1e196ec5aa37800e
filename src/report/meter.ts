import { formatAmount, formatCount, formatDuration } from './format.ts';
import type { ReportEvent } from './event.ts';

export type ProgressEvent = Extract<ReportEvent, { type: 'progress' }>;

/** How fast a task goes: what was done when, over the last seconds. */
export interface Meter {
  event: ProgressEvent;
  startedAt: number;
  samples: { at: number; done: number }[];
}

const windowMs = 15_000;
const sampleEveryMs = 250;

/** Takes a progress event in; times are in milliseconds. */
export function updateMeter(meter: Meter | undefined, event: ProgressEvent, now: number): Meter {
  // A task that begins anew (the next system, the next table) starts from nothing.
  if (meter === undefined || event.done < meter.event.done) {
    return { event, startedAt: now, samples: [{ at: now, done: event.done }] };
  }
  const last = meter.samples.at(-1);
  const fresh = last === undefined || now - last.at >= sampleEveryMs;
  const samples = fresh ? [...meter.samples, { at: now, done: event.done }] : meter.samples;
  return {
    event,
    startedAt: meter.startedAt,
    samples: samples.filter(({ at }, index) => now - at <= windowMs || index >= samples.length - 2),
  };
}

/** Units a second over the last seconds, or null where that cannot be told yet. */
function rateOf({ event, samples }: Meter, now: number): number | null {
  const first = samples[0];
  if (first === undefined || now - first.at < 1000 || event.done <= first.done) return null;
  return ((event.done - first.done) * 1000) / (now - first.at);
}

/** Seconds until the task ends at this rate, or null. */
function remainingOf(meter: Meter, now: number): number | null {
  const rate = rateOf(meter, now);
  const { total, done } = meter.event;
  return rate === null || total === undefined || done >= total ? null : (total - done) / rate;
}

/** Progress in one line: what, how much, how fast, how long still. */
export function describeProgress(meter: Meter, now: number): string {
  const { done, total, unit, detail } = meter.event;
  const rate = rateOf(meter, now);
  const remaining = remainingOf(meter, now);
  const parts = [
    total === undefined ? formatAmount(done, unit) : ofTotal(done, total, unit),
    ...(rate === null ? [] : [`${unit === 'B' ? formatAmount(rate, unit) : formatCount(Math.round(rate))}/s`]),
    ...(remaining === null ? [] : [`${formatDuration(remaining)} left`]),
    ...(detail === undefined ? [] : [detail]),
  ];
  return parts.join(', ');
}

function ofTotal(done: number, total: number, unit: string): string {
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  const counts =
    unit === 'B'
      ? `${formatAmount(done, unit)} of ${formatAmount(total, unit)}`
      : `${formatCount(done)} of ${formatAmount(total, unit)}`;
  return `${percent} %, ${counts}`;
}

import type { ReportEvent } from './event.ts';
import type { Clock, Reporter, Sink } from './reporter.ts';

const everyMs = 1000;

/** One JSON object a line, each event with its time; of a task's progress one a second, and its end. */
export function jsonlReporter(sink: Sink, now: Clock = () => performance.now()): Reporter {
  const shownAt = new Map<string, number>();
  function isDue(event: ReportEvent): boolean {
    if (event.type !== 'progress') return true;
    const last = shownAt.get(event.task);
    if (last !== undefined && now() - last < everyMs && event.done !== event.total) return false;
    shownAt.set(event.task, now());
    return true;
  }
  return {
    report(event) {
      if (isDue(event)) sink.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
    },
    close() {
      shownAt.clear();
    },
  };
}

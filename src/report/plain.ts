import { linesOf } from './lines.ts';
import { describeProgress, updateMeter } from './meter.ts';
import type { Meter } from './meter.ts';
import type { Clock, Reporter, Sink } from './reporter.ts';

const everyMs = 15_000;

/** Lines without colour or movement, for pipes and journals: progress every quarter of a minute. */
export function plainReporter(sink: Sink, now: Clock = () => performance.now()): Reporter {
  const tasks = new Map<string, { meter: Meter; shownAt: number }>();
  return {
    report(event) {
      if (event.type === 'progress') {
        const task = tasks.get(event.task);
        const meter = updateMeter(task?.meter, event, now());
        const due = task !== undefined && now() - task.shownAt >= everyMs;
        if (due) sink.write(`  ${event.task}: ${describeProgress(meter, now())}\n`);
        tasks.set(event.task, { meter, shownAt: due ? now() : (task?.shownAt ?? now()) });
        return;
      }
      if (event.type === 'step') tasks.delete(event.task);
      for (const { text } of linesOf(event)) sink.write(`${text}\n`);
    },
    close() {
      tasks.clear();
    },
  };
}

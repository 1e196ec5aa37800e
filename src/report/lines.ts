import { formatCount, formatDuration } from './format.ts';
import type { ReportEvent } from './event.ts';

/** What a line says, which decides its colour. */
export type Tone = 'heading' | 'plain' | 'good' | 'warning' | 'error' | 'faint';

export interface Line {
  tone: Tone;
  text: string;
}

/** The lines that an event leaves behind for good; progress leaves none. */
export function linesOf(event: ReportEvent): Line[] {
  switch (event.type) {
    case 'phase':
      return [phaseLine(event)];
    case 'progress':
      return [];
    case 'step':
      return [
        {
          tone: 'plain',
          text: `  ${[event.task, formatDuration(event.seconds), ...countsOf(event.counts)].join(', ')}`,
        },
      ];
    case 'info':
      return [{ tone: 'plain', text: event.message }];
    case 'warning':
      return [{ tone: 'warning', text: `warning: ${event.message}` }];
    case 'error':
      return [{ tone: 'error', text: `error: ${event.message}` }];
    case 'summary':
      return summaryLines(event);
  }
}

function phaseLine(event: Extract<ReportEvent, { type: 'phase' }>): Line {
  if (event.status === 'finished')
    return { tone: 'good', text: `${event.phase}: done in ${formatDuration(event.seconds)}` };
  if (event.status === 'started') return { tone: 'heading', text: event.phase + reasonOf(event.reason) };
  return { tone: 'faint', text: `${event.phase}: skipped${reasonOf(event.reason)}` };
}

function reasonOf(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${reason})`;
}

function countsOf(counts: Record<string, number>): string[] {
  return Object.entries(counts).map(([name, count]) => `${formatCount(count)} ${name}`);
}

function summaryLines(event: Extract<ReportEvent, { type: 'summary' }>): Line[] {
  const width = Math.max(0, ...event.lines.map(([label]) => label.length));
  const rows = event.lines.map(([label, value]): Line => ({
    tone: 'plain',
    text: `  ${label.padEnd(width)}  ${value}`.trimEnd(),
  }));
  return [{ tone: 'heading', text: event.title }, ...rows];
}

import { stripVTControlCharacters, styleText } from 'node:util';
import { linesOf } from './lines.ts';
import type { Line, Tone } from './lines.ts';
import { describeProgress, updateMeter } from './meter.ts';
import type { Meter } from './meter.ts';
import type { Clock, Reporter, Sink } from './reporter.ts';

const redrawMs = 100;
/** Lines that have left the screen could not be erased. */
const maxLines = 8;
const eraseLine = '\u001b[2K';
const lineUp = '\u001b[1A';

const styles: Record<Tone, Parameters<typeof styleText>[0] | null> = {
  heading: 'bold',
  plain: null,
  good: 'green',
  warning: 'yellow',
  error: 'red',
  faint: 'dim',
};

/** Progress as lines at the bottom that are written over, everything else above them. */
export function terminalReporter(sink: Sink, options: { colour: boolean; now?: Clock }): Reporter {
  const now = options.now ?? (() => performance.now());
  const tasks = new Map<string, Meter>();
  let drawn = 0;
  let drawnAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  function erase(): string {
    const text = drawn === 0 ? '' : `${(lineUp + eraseLine).repeat(drawn)}\r`;
    drawn = 0;
    return text;
  }

  function draw(): string {
    const lines = [...tasks]
      .slice(-maxLines)
      .map(([task, meter]) => fit(`  ${task}: ${describeProgress(meter, now())}`, sink.columns ?? 80));
    drawn = lines.length;
    drawnAt = now();
    return lines.map((line) => `${paint('faint', line, options.colour)}\n`).join('');
  }

  function redraw(): void {
    clearTimeout(timer);
    timer = undefined;
    sink.write(erase() + draw());
  }

  function redrawSoon(): void {
    const wait = redrawMs - (now() - drawnAt);
    if (wait <= 0) redraw();
    else timer ??= setTimeout(redraw, wait).unref();
  }

  return {
    report(event) {
      if (event.type === 'progress') {
        tasks.set(event.task, updateMeter(tasks.get(event.task), event, now()));
        redrawSoon();
        return;
      }
      if (event.type === 'step') tasks.delete(event.task);
      if (event.type === 'phase' || event.type === 'summary' || event.type === 'error') tasks.clear();
      const lines = linesOf(event).map((line) => `${render(line, options.colour)}\n`);
      sink.write(erase() + lines.join('') + draw());
    },
    close() {
      clearTimeout(timer);
      tasks.clear();
      const text = erase();
      if (text !== '') sink.write(text);
    },
  };
}

function render({ tone, text }: Line, colour: boolean): string {
  return paint(tone, text, colour);
}

function paint(tone: Tone, text: string, colour: boolean): string {
  const style = styles[tone];
  return !colour || style === null ? text : styleText(style, text, { validateStream: false });
}

/** One row of the terminal: a line that wraps could not be erased again. */
function fit(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line).replaceAll(/\p{Cc}/gu, ' ');
  return plain.length < columns ? plain : `${plain.slice(0, Math.max(0, columns - 2))}…`;
}

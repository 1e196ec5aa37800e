import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportEvent } from '../../src/report/event.ts';
import { formatBytes, formatCount, formatDollars, formatDuration } from '../../src/report/format.ts';
import { createReporter } from '../../src/report/index.ts';
import { jsonlReporter } from '../../src/report/jsonl.ts';
import { plainReporter } from '../../src/report/plain.ts';
import type { Sink } from '../../src/report/reporter.ts';
import { terminalReporter } from '../../src/report/terminal.ts';

interface Recorder extends Sink {
  text: () => string;
  /** What a terminal of this width would show. */
  screen: () => string[];
}

/** Keeps what is written, and plays the few control sequences that a reporter may use. */
function recorder(columns = 70): Recorder {
  let text = '';
  return {
    isTTY: true,
    columns,
    write: (chunk) => (text += chunk),
    text: () => text,
    screen: () => screenOf(text, columns),
  };
}

function screenOf(text: string, columns: number): string[] {
  const rows = [''];
  let row = 0;
  for (const [token] of text.matchAll(/\p{Cc}(?:\[\d*[A-Za-z])?|\P{Cc}+/gu)) {
    if (token === '\n') row++;
    else if (token === '\u001b[1A') row--;
    else if (token === '\u001b[2K') rows[row] = '';
    else if (token.startsWith('\u001b')) assert.match(token, /m$/, 'only colours beside');
    else if (token !== '\r') rows[row] = (rows[row] ?? '') + token;
    rows[row] ??= '';
    assert.ok(row >= 0, 'above the screen');
    assert.ok((rows[row] ?? '').length <= columns, `wraps: ${rows[row]}`);
  }
  return rows.filter((line) => line !== '');
}

function progress(done: number, total = 1000, task = 'evaluate'): ReportEvent {
  return { type: 'progress', task, done, total, unit: 'attributes' };
}

test('a terminal rewrites progress at the bottom and keeps the rest above it', () => {
  const sink = recorder();
  let now = 0;
  const { report, close } = terminalReporter(sink, { colour: false, now: () => now });
  report({ type: 'phase', phase: 'metadata', status: 'started' });
  for (let second = 0; second <= 4; second++) {
    now = second * 1000;
    report(progress(second * 100));
  }
  assert.deepEqual(sink.screen(), ['metadata', '  evaluate: 40 %, 400 of 1,000 attributes, 100/s, 6.0 s left']);
  now += 200;
  report({
    type: 'progress',
    task: 'a second task with a name that is so very long that it cannot fit',
    done: 5,
    unit: 'B',
  });
  report({ type: 'warning', message: 'look here' });
  const screen = sink.screen();
  assert.deepEqual(screen.slice(0, 2), ['metadata', 'warning: look here']);
  assert.equal(screen.length, 4);
  assert.match(screen[3] ?? '', /…$/);
  report({ type: 'step', task: 'evaluate', seconds: 4.2, counts: { packages: 1000, errors: 3 } });
  report({ type: 'phase', phase: 'metadata', status: 'finished', seconds: 65 });
  close();
  assert.deepEqual(sink.screen(), [
    'metadata',
    'warning: look here',
    '  evaluate, 4.2 s, 1,000 packages, 3 errors',
    'metadata: done in 1 min 05 s',
  ]);
});

test('a terminal draws at most ten times a second', () => {
  const sink = recorder();
  let now = 0;
  const { report, close } = terminalReporter(sink, { colour: true, now: () => now });
  for (; now < 1000; now++) report(progress(now));
  close();
  assert.ok(sink.text().split('evaluate').length - 1 <= 11, sink.text());
});

test('a pipe gets lines without control characters, and progress now and then', () => {
  const sink = recorder(200);
  let now = 0;
  const { report } = plainReporter(sink, () => now);
  report({ type: 'phase', phase: 'embedding', status: 'skipped', reason: 'no provider' });
  for (; now <= 40_000; now += 100) report(progress(now / 100));
  report({ type: 'info', message: 'done' });
  assert.equal(
    sink.text(),
    [
      'embedding: skipped (no provider)',
      '  evaluate: 15 %, 150 of 1,000 attributes, 10/s, 1 min 25 s left',
      '  evaluate: 30 %, 300 of 1,000 attributes, 10/s, 1 min 10 s left',
      'done',
      '',
    ].join('\n'),
  );
});

test('JSONL has every event on a line, and of progress one a second and the end', () => {
  const sink = recorder(1000);
  let now = 0;
  const { report } = jsonlReporter(sink, () => now);
  report({ type: 'info', message: 'a\nb\u2028' });
  for (; now <= 1000; now += 10) report(progress(now));
  report({ type: 'summary', title: 'done', lines: [], data: { rows: 3 } });
  const events = sink
    .text()
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  assert.deepEqual(
    events.map(({ type, done }) => done ?? type),
    ['info', 0, 1000, 'summary'],
  );
  for (const { time } of events) assert.ok(!Number.isNaN(Date.parse(String(time))));
});

test('a summary is aligned', () => {
  const sink = recorder();
  plainReporter(sink).report({
    type: 'summary',
    title: 'Done',
    lines: [
      ['packages', '3'],
      ['a', 'long value'],
      ['note', ''],
    ],
    data: {},
  });
  assert.equal(sink.text(), 'Done\n  packages  3\n  a         long value\n  note\n');
});

test('the reporter fits the stream', () => {
  const terminal = recorder();
  createReporter({ stderr: terminal, env: {} }).report({ type: 'warning', message: 'x' });
  assert.equal(terminal.text(), '\u001b[33mwarning: x\u001b[39m\n');
  for (const [sink, env] of [
    [recorder(), { NO_COLOR: '1' }],
    [recorder(), { TERM: 'dumb' }],
    [{ ...recorder(), isTTY: false }, {}],
  ] as const) {
    createReporter({ stderr: sink, env, quiet: false }).report({ type: 'warning', message: 'x' });
    assert.equal(sink.text(), 'warning: x\n');
  }
  const [events, people] = [recorder(1000), recorder()];
  const json = createReporter({ json: events, stderr: people, env: {} });
  json.report({ type: 'warning', message: 'x' });
  json.report({ type: 'error', message: 'y' });
  assert.equal(events.text().split('\n').length, 3);
  assert.equal(people.text(), 'error: y\n');
  const quiet = recorder();
  const { report } = createReporter({ stderr: quiet, env: { TERM: 'dumb' }, quiet: true });
  report({ type: 'info', message: 'x' });
  report({ type: 'error', message: 'y' });
  assert.equal(quiet.text(), 'error: y\n');
});

test('a task that begins anew is measured anew', () => {
  const sink = recorder();
  let now = 0;
  const { report, close } = terminalReporter(sink, { colour: false, now: () => now });
  report(progress(0));
  now = 2000;
  report(progress(1000));
  now = 3000;
  report(progress(10));
  now = 5000;
  report(progress(30));
  assert.deepEqual(sink.screen(), ['  evaluate: 3 %, 30 of 1,000 attributes, 10/s, 1 min 37 s left']);
  close();
});

test('figures for people', () => {
  assert.deepEqual([0, 1234.6, 0.126, 89764].map(formatCount), ['0', '1,235', '0.13', '89,764']);
  assert.deepEqual([0.04, 9.96, 59.6, 61, 3599.6, 3660, Infinity].map(formatDuration), [
    '0.0 s',
    '10 s',
    '1 min 00 s',
    '1 min 01 s',
    '1 h 00 min',
    '1 h 01 min',
    '–',
  ]);
  assert.deepEqual([0, 1e-8, 0.0000336, 0.0001, 0.0153, 12.5].map(formatDollars), [
    '$0',
    'under $0.000001',
    '$0.000034',
    '$0.0001',
    '$0.0153',
    '$12.5000',
  ]);
  assert.deepEqual([0, 999, 1000, 999_950, 1_234_567_890_123_456].map(formatBytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '1.0 MB',
    '1235 TB',
  ]);
});

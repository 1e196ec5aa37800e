import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import fc from 'fast-check';
import { defaultsOf } from '../../src/config/schema.ts';
import type { Config } from '../../src/config/config.generated.ts';
import { KnownError } from '../../src/errors.ts';
import type { PipelineResult } from '../../src/pipeline.ts';
import type { ReportEvent } from '../../src/report/event.ts';
import { measured } from '../../src/report/measured.ts';
import { bytesBelow, writeMetrics } from '../../src/report/metrics-file.ts';
import { metricsText, type Metric } from '../../src/report/metrics.ts';
import { runMetrics } from '../../src/report/run-metrics.ts';
import { temporaryDirectory } from '../support/directory.ts';

test('families are sorted, with help, type and samples', () => {
  const text = metricsText([
    { name: 'fdnix_packages', help: 'Packages.', samples: [{ value: 3 }] },
    { name: 'fdnix_edges', help: 'A "quoted"\nhelp \\.', samples: [{ labels: { path: 'a"b\\c\nd' }, value: 0.5 }] },
  ]);
  assert.equal(
    text,
    [
      '# HELP fdnix_edges A "quoted"\\nhelp \\\\.',
      '# TYPE fdnix_edges gauge',
      'fdnix_edges{path="a\\"b\\\\c\\nd"} 0.5',
      '# HELP fdnix_packages Packages.',
      '# TYPE fdnix_packages gauge',
      'fdnix_packages 3',
      '# EOF',
      '',
    ].join('\n'),
  );
});

test('what is not given anew is carried over, what is given replaces all samples', () => {
  const first = metricsText([
    {
      name: 'a',
      help: 'A.',
      samples: [
        { labels: { of: 'x' }, value: 1 },
        { labels: { of: 'y' }, value: 2 },
      ],
    },
    { name: 'b', help: 'B.', samples: [{ value: 3 }] },
  ]);
  const second = metricsText(
    [
      { name: 'a', help: 'A.', samples: [{ labels: { of: 'z' }, value: 4 }] },
      { name: 'b', help: 'B.', samples: [] },
    ],
    first,
  );
  assert.equal(
    second,
    metricsText([
      { name: 'a', help: 'A.', samples: [{ labels: { of: 'z' }, value: 4 }] },
      { name: 'b', help: 'B.', samples: [{ value: 3 }] },
    ]),
  );
});

test('an earlier text is read back as it was written', () => {
  const label = fc.string({ unit: 'grapheme' });
  const metric = fc.record({
    name: fc.constantFrom('fdnix_a', 'fdnix_b', 'fdnix_c'),
    help: label,
    samples: fc.array(fc.record({ labels: fc.record({ one: label }), value: fc.double() }), { minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(metric, { selector: ({ name }) => name }), (metrics: Metric[]) => {
      const text = metricsText(metrics);
      assert.equal(metricsText([], text), text);
    }),
  );
});

test('the file appears whole, readable for all, beside nothing else', async (t) => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'new', 'fdnix.prom');
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  await writeMetrics(path, [{ name: 'a', help: 'A.', samples: [{ value: 1 }] }]);
  await writeMetrics(path, [{ name: 'b', help: 'B.', samples: [{ value: 2 }] }]);
  assert.equal((await stat(path)).mode & 0o777, 0o644);
  assert.deepEqual(await readdir(join(directory, 'new')), ['fdnix.prom']);
  assert.match(await readFile(path, 'utf8'), /^a 1$[^]*^b 2$/m);
});

test('a directory that cannot be written is told with the key', async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'file'), '');
  const path = join(directory, 'file', 'fdnix.prom');
  await assert.rejects(writeMetrics(path, []), (error) => {
    assert.ok(error instanceof KnownError);
    assert.match(error.message, /fdnix\.prom: the metrics cannot be written .*metrics\.textfile/);
    return true;
  });
});

test('bytes are those of all files below, followed through a link at the top', async (t) => {
  const directory = await temporaryDirectory(t);
  await mkdir(join(directory, 'a', 'b'), { recursive: true });
  await writeFile(join(directory, 'a', 'one'), 'x'.repeat(10));
  await writeFile(join(directory, 'a', 'b', 'two'), 'x'.repeat(5));
  assert.equal(await bytesBelow(join(directory, 'a')), 15);
  assert.equal(await bytesBelow(join(directory, 'nowhere')), undefined);
});

test('a failed run keeps the last success and the counts, and says that it failed', async (t) => {
  const directory = await temporaryDirectory(t);
  const config = configWith(directory);
  const unchanged: PipelineResult = {
    metadata: { status: 'unchanged', origin: 'x', revision: null },
    seconds: { metadata: 2 },
  };
  await measured(config, ignore, async (result) => Object.assign(result, unchanged));
  const good = await samplesOf(config);
  assert.equal(good.get('fdnix_last_run_success'), 1);
  assert.equal(good.get('fdnix_phase_duration_seconds'), 2);

  await assert.rejects(
    measured(config, ignore, async () => {
      throw new KnownError('no network');
    }),
    /no network/,
  );
  const bad = await samplesOf(config);
  assert.equal(bad.get('fdnix_last_run_success'), 0);
  assert.equal(bad.get('fdnix_last_success_timestamp_seconds'), good.get('fdnix_last_success_timestamp_seconds'));
  assert.equal(bad.get('fdnix_phase_duration_seconds'), 2);
});

test('metrics that cannot be written do not hide why a run failed, and fail one that did not', async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'metrics'), 'a file where a directory is wanted');
  const config = configWith(directory);
  const events: ReportEvent[] = [];
  const report = (event: ReportEvent): void => void events.push(event);
  await assert.rejects(
    measured(config, report, async () => {
      throw new KnownError('no network');
    }),
    /no network/,
  );
  assert.equal(events[0]?.type, 'warning');
  await assert.rejects(
    measured(config, report, async () => undefined),
    /the metrics cannot be written/,
  );
});

test('every sample carries the dataset, so that two indexers do not clash', () => {
  const config = configWith('/var/lib/x');
  const finishedAt = new Date(1_800_000_000_000);
  const metrics = runMetrics({
    config,
    version: '1',
    finishedAt,
    success: true,
    result: { seconds: { metadata: 1 } },
    bytes: { main: 5 },
  });
  for (const { samples } of metrics)
    for (const { labels } of samples) assert.equal(labels?.['dataset'], '/var/lib/x/fdnix-data.lancedb');
  assert.equal(new Set(metrics.map(({ name }) => name)).size, metrics.length);
});

function configWith(directory: string): Config {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema's own defaults
  const config = defaultsOf() as unknown as Config;
  config.output.path = join(directory, 'fdnix-data.lancedb');
  config.output.minifiedPath = join(directory, 'fdnix.lancedb');
  config.metrics.textfile = join(directory, 'metrics', 'fdnix.prom');
  return config;
}

async function samplesOf({ metrics }: Config): Promise<Map<string, number>> {
  const text = await readFile(metrics.textfile ?? '', 'utf8');
  return new Map(
    Array.from(text.matchAll(/^(\w+)(?:\{.*\})? (\S+)$/gm), ([, name = '', value]) => [name, Number(value)]),
  );
}

function ignore(): void {}

/**
 * Whole runs, killed at every call that changes a name under their output directory, and at random moments: what readers
 * see afterwards is whole, and the next run brings it to where it would have been. `KILL_AT` names the program made of
 * kill-at.c; the tool itself has to be built.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { scanRows } from '../../src/store/scan.ts';
import { verifyDataset } from '../../src/store/verify/verify.ts';
import { runInProcess } from '../support/in-process.ts';
import { randomFrom } from '../support/mangle.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const sample = fileURLToPath(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url));
const killAt = process.env['KILL_AT'] ?? '';
const node = await realpath(process.execPath);
const base = await mkdtemp(join(tmpdir(), 'fdnix-crash-'));
after(() => rm(base, { recursive: true, force: true }));

const lines = (await readFile(sample, 'utf8')).trimEnd().split('\n');
await writeFile(join(base, 'old.jsonl'), lines.slice(0, 40).join('\n'));
const described = (line: string) => line.replace('"description":"', '"description":"Also ');
await writeFile(join(base, 'few.jsonl'), [described(lines[0] ?? ''), ...lines.slice(1, 40)].join('\n'));
await writeFile(join(base, 'many.jsonl'), lines.slice(20, 70).join('\n'));

interface Scenario {
  name: string;
  /** What is there before: nothing, a dataset, or one in a plain directory, such as a copy. */
  before: 'nothing' | 'dataset' | 'plain directory';
  input: string;
  mode: 'both' | 'metadata';
}

const scenarios: Scenario[] = [
  { name: 'the first run', before: 'nothing', input: 'old.jsonl', mode: 'both' },
  { name: 'a few rows changed', before: 'dataset', input: 'few.jsonl', mode: 'metadata' },
  { name: 'most rows changed', before: 'dataset', input: 'many.jsonl', mode: 'both' },
  { name: 'a copied dataset', before: 'plain directory', input: 'few.jsonl', mode: 'metadata' },
];

function argsOf(folder: string, input: string, mode: string): string[] {
  const sets = [
    'nixpkgs.source=jsonl',
    `nixpkgs.path=${join(base, input)}`,
    `output.path=${join(folder, 'data.lancedb')}`,
    `output.minifiedPath=${join(folder, 'mini.lancedb')}`,
    'embedding.provider=none',
  ];
  return ['run', '--mode', mode, ...sets.flatMap((set) => ['--set', set])];
}

const complete = (folder: string, input: string, mode: string) => runInProcess(argsOf(folder, input, mode), base);

/** What of the main dataset no time is part of. */
async function contentOf(folder: string): Promise<string> {
  const connection = await connectDataset(join(folder, 'data.lancedb'));
  const rows: string[] = [];
  for (const [name, columns] of [
    ['packages', ['package_id', 'row_hash']],
    ['dependencies', ['package_id', 'row_hash']],
    ['errors', ['attribute_path', 'message']],
    ['clusters', ['cluster_id', 'attribute_paths']],
  ] as const) {
    const table = await openTable(connection, name);
    for await (const row of scanRows(table, { columns: [...columns] })) rows.push(`${name} ${JSON.stringify(row)}`);
  }
  return rows.toSorted().join('\n');
}

async function pristine(scenario: Scenario): Promise<{ folder: string; content: string | null }> {
  const folder = join(base, `before ${scenario.before}`);
  if (scenario.before === 'nothing') return { folder, content: null };
  if (!existsSync(folder)) {
    await complete(folder, 'old.jsonl', 'both');
    if (scenario.before === 'plain directory') {
      const path = join(folder, 'data.lancedb');
      const generation = await realpath(path);
      await rm(path);
      await rename(generation, path);
      await rm(join(folder, '.data.lancedb.d'), { recursive: true });
    }
  }
  return { folder, content: await contentOf(folder) };
}

async function verified(path: string): Promise<void> {
  const { ok, checks } = await verifyDataset(path);
  assert.ok(ok, JSON.stringify(checks.filter(({ problems }) => problems.length > 0)));
}

/** Nothing but two generations of each dataset and the dependency JSON is left. */
async function assertTidy(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    assert.match(
      name,
      /^(data\.lancedb|mini\.lancedb|\.data\.lancedb\.d|\.mini\.lancedb\.d|data\.dependencies\.json)$/,
    );
    if (!name.endsWith('.d')) continue;
    const inside = await readdir(join(folder, name));
    assert.ok(inside.every((entry) => /^\d+$/.test(entry)) && inside.length <= 2, `${name}: ${inside.join(' ')}`);
  }
}

interface Expected {
  before: string | null;
  after: string;
}

/** What has to hold after a run was killed, and after the next one. */
async function assertSurvived(folder: string, { input, mode }: Scenario, { before, after: wanted }: Expected) {
  const path = join(folder, 'data.lancedb');
  if (before !== null || existsSync(path)) {
    await verified(path);
    const found = await contentOf(folder);
    assert.ok(found === before || found === wanted, 'what readers see is neither the old content nor the new one');
  }
  if (existsSync(join(folder, 'mini.lancedb'))) await verified(join(folder, 'mini.lancedb'));
  await complete(folder, input, mode);
  await verified(path);
  assert.equal(await contentOf(folder), wanted);
  if (mode === 'both') await verified(join(folder, 'mini.lancedb'));
  const json = JSON.parse(await readFile(join(folder, 'data.dependencies.json'), 'utf8')) as {
    dependencies: { packageId: string }[];
  };
  const rows = wanted.split('\n').filter((row) => row.startsWith('packages '));
  assert.equal(json.dependencies.length, rows.length);
  await assertTidy(folder);
}

async function started(folder: string, source: string, command: string[]) {
  await rm(folder, { recursive: true, force: true });
  if (existsSync(source)) await cp(source, folder, { recursive: true, verbatimSymlinks: true });
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: base, stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000 });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return { child, closed: once(child, 'close') as Promise<[number | null, string | null]>, stderr: () => stderr };
}

const program = (folder: string, { input, mode }: Scenario) => [node, cli, ...argsOf(folder, input, mode)];

/** What a scenario starts from, and what an undisturbed run makes of it with how many calls. */
async function prepare(scenario: Scenario) {
  const { folder: source, content } = await pristine(scenario);
  const whole = join(base, `whole ${scenario.name}`);
  const log = `${whole}.log`;
  const { closed, stderr } = await started(whole, source, [killAt, '0', `${whole}/`, log, ...program(whole, scenario)]);
  assert.deepEqual(await closed, [0, null], stderr());
  const calls = (await readFile(log, 'utf8')).trimEnd().split('\n').length;
  return { scenario, source, calls, expected: { before: content, after: await contentOf(whole) } };
}

const prepared = [];
for (const scenario of scenarios) prepared.push(await prepare(scenario));

for (const { scenario, source, calls, expected } of prepared) {
  test(`${scenario.name}, killed at each of its ${calls} calls`, async () => {
    let [next, killed] = [1, 0];
    const worker = async (folder: string) => {
      for (let number = next; number <= calls; number = next) {
        next += 1;
        const tracer = [killAt, String(number), `${folder}/`, `${folder}.log`];
        const ran = await started(folder, source, [...tracer, ...program(folder, scenario)]);
        const [code, signal] = await ran.closed;
        assert.ok(signal === 'SIGKILL' || code === 0, `${code} ${signal}\n${ran.stderr()}`);
        killed += signal === 'SIGKILL' ? 1 : 0;
        const last = (await readFile(`${folder}.log`, 'utf8')).trimEnd().split('\n').at(-1);
        await assertSurvived(folder, scenario, expected).catch((error: unknown) => {
          throw new Error(`killed at call ${number}: ${last}`, { cause: error });
        });
      }
    };
    await Promise.all([worker(join(base, 'a')), worker(join(base, 'b'))]);
    // How many calls there are differs by a few from run to run.
    assert.ok(killed > calls * 0.9, `${killed} of ${calls}`);
  });

  test(`${scenario.name}, killed at five moments`, async () => {
    const random = randomFrom(scenarios.indexOf(scenario));
    const folder = join(base, 'moments');
    const begun = performance.now();
    const unhurt = await started(folder, source, program(folder, scenario));
    await unhurt.closed;
    const milliseconds = performance.now() - begun;
    for (let moment = 0; moment < 5; moment += 1) {
      const ran = await started(folder, source, program(folder, scenario));
      const timer = setTimeout(() => ran.child.kill('SIGKILL'), milliseconds * (0.3 + 0.7 * random()));
      await ran.closed;
      clearTimeout(timer);
      await assertSurvived(folder, scenario, expected);
    }
  });
}

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { verifyDataset } from '../../src/store/verify/verify.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runInProcess } from '../support/in-process.ts';

const sample = fileURLToPath(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url));

/** A directory, and a run of the metadata phase that writes `data.lancedb` in it. */
async function site(t: TestContext, files: Record<string, string> = {}) {
  const folder = await temporaryDirectory(t, files);
  const path = join(folder, 'data.lancedb');
  const run = (...settings: string[]) => {
    const all = ['nixpkgs.source=jsonl', `output.path=${path}`, ...settings];
    return runInProcess(['run', '--mode', 'metadata', ...all.flatMap((setting) => ['--set', setting])], folder);
  };
  return { folder, path, run };
}

async function problemsOf(path: string): Promise<string[]> {
  return (await verifyDataset(path)).checks.flatMap(({ problems }) => problems);
}

async function referencesOf(path: string, attribute: string): Promise<unknown> {
  const packages = await openTable(await connectDataset(path), 'packages');
  const rows = await packages.query().where(`package_id = '${attribute}'`).select(['module_references']).toArray();
  return (rows as { module_references: unknown }[])[0]?.module_references;
}

test('two recordings of one system are refused, and nothing is written', async (t) => {
  const { folder, path, run } = await site(t);
  const copy = join(folder, 'copy.jsonl');
  await writeFile(copy, await readFile(sample));
  const message = `${copy} and ${sample} are both of x86_64-linux, and a dataset takes one recording a system (nixpkgs.path). Nothing was written`;
  await assert.rejects(run(`nixpkgs.path=${sample},${copy}`), { name: 'KnownError', message });
  assert.equal(existsSync(path), false);
});

test('a dataset in which dependencies stand twice is mended by the next run', async (t) => {
  const { path, run } = await site(t);
  await run(`nixpkgs.path=${sample}`);
  const table = await openTable(await connectDataset(path), 'dependencies');
  await table.add(await table.query().limit(3).toArrow());
  assert.notDeepEqual(await problemsOf(path), []);
  await writeFile(join(path, '../again.jsonl'), await readFile(sample));
  await run(`nixpkgs.path=${join(path, '../again.jsonl')}`);
  assert.deepEqual(await problemsOf(path), []);
});

test('other reference counts are another input, whatever the source', async (t) => {
  const packages = { version: 2, packages: { hello: { pname: 'hello', version: '1', name: 'hello-1' } } };
  const { folder, path, run } = await site(t, { 'packages.json': JSON.stringify(packages) });
  const settings = ['nixpkgs.source=channel', `nixpkgs.path=${folder}/packages.json`];
  await run(...settings);
  assert.equal(await referencesOf(path, 'hello'), 0);
  for (const modules of [7, 8]) {
    await writeFile(join(folder, 'references.json'), JSON.stringify({ hello: { modules, tests: 1 } }));
    await run(...settings, `nixpkgs.references=${folder}/references.json`);
    assert.equal(await referencesOf(path, 'hello'), modules);
  }
});

test('a revision that is told later is recorded', async (t) => {
  const { path, run } = await site(t);
  await run(`nixpkgs.path=${sample}`);
  await run(`nixpkgs.path=${sample}`, 'nixpkgs.revision=0123456789abcdef0123456789abcdef01234567');
  const runs = await openTable(await connectDataset(path), 'runs');
  assert.equal(await runs.countRows("revision = '0123456789abcdef0123456789abcdef01234567'"), 1);
});

test('a file of reference counts that is none is told before the packages are looked for', async (t) => {
  const { folder, path, run } = await site(t, {
    'list.json': '[]',
    'number.json': '{"hello": 3}',
    'large.json': '{"hello": {"modules": 2147483648}}',
    'less.json': '{"hello": {"tests": -1}}',
  });
  const wanted = 'expected {"modules": number, "tests": number}, found';
  const refused: [file: string, message: string][] = [
    ['none.json', `${folder}/none.json: there is no such file (nixpkgs.references)`],
    ['list.json', `${folder}/list.json (nixpkgs.references) is no file of reference counts: it holds no object`],
    ['number.json', `${folder}/number.json (nixpkgs.references) is no file of reference counts: hello: ${wanted} 3`],
    [
      'large.json',
      `${folder}/large.json (nixpkgs.references) is no file of reference counts: hello: ${wanted} {"modules":2147483648}`,
    ],
    [
      'less.json',
      `${folder}/less.json (nixpkgs.references) is no file of reference counts: hello: ${wanted} {"tests":-1}`,
    ],
  ];
  for (const source of ['channel', 'jsonl']) {
    for (const [file, message] of refused) {
      const settings = [`nixpkgs.source=${source}`, `nixpkgs.path=${folder}/gone`];
      await assert.rejects(run(...settings, `nixpkgs.references=${folder}/${file}`), { name: 'KnownError', message });
    }
  }
  assert.equal(existsSync(path), false);
});

test('a pipe is read once, as bash makes one of <(command)', { timeout: 30_000 }, async (t) => {
  const { folder, path, run } = await site(t);
  const pipe = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', `cat '${sample}' > '${pipe}'`]);
  const ended = once(writer, 'exit');
  await run(`nixpkgs.path=${pipe}`);
  await ended;
  assert.deepEqual(await problemsOf(path), []);
});

test('a directory where the dependency JSON is to be is told before anything is written', async (t) => {
  const { folder, path, run } = await site(t);
  await mkdir(join(folder, 'json'));
  const message = `${folder}/json is a directory; output.dependencyPath must name a file, or what is to be one`;
  await assert.rejects(run(`nixpkgs.path=${sample}`, `output.dependencyPath=${folder}/json`), {
    name: 'KnownError',
    message,
  });
  assert.equal(existsSync(path), false);
});

test('a directory that holds something else stays as it is', async (t) => {
  const { folder, path, run } = await site(t);
  await mkdir(path);
  await writeFile(join(path, 'thesis.txt'), 'mine');
  const message = `${path} is a directory that holds no dataset (but thesis.txt); choose another output path`;
  await assert.rejects(run(`nixpkgs.path=${sample}`), { name: 'KnownError', message });
  assert.equal(await readFile(join(path, 'thesis.txt'), 'utf8'), 'mine');
  assert.deepEqual((await readdir(folder)).toSorted(), ['.data.lancedb.d', 'data.lancedb']);
});

test('what is told to be under way is told to be done, by the same name', async (t) => {
  const folder = await temporaryDirectory(t);
  const [underWay, done] = [new Set<string>(), new Set<string>()];
  const settings = ['nixpkgs.source=jsonl', `nixpkgs.path=${sample}`, `output.path=${join(folder, 'data.lancedb')}`];
  await runInProcess(['run', '--mode', 'metadata', ...settings.flatMap((set) => ['--set', set])], folder, (event) => {
    if (event.type === 'progress') underWay.add(event.task);
    if (event.type === 'step') done.add(event.task);
  });
  assert.ok(underWay.size > 0);
  assert.deepEqual([...underWay.difference(done)], []);
});

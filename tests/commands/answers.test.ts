import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { KnownError } from '../../src/errors.ts';
import { runInProcess } from '../support/in-process.ts';

function drv(name: string): string {
  return `/nix/store/${'0'.repeat(32)}-${name}.drv`;
}

function job(attr: string, inputs: Record<string, string[]>, meta: object = {}): string {
  const extraValue = { pname: attr, version: '1', ...inputs };
  return JSON.stringify({
    attr,
    name: `${attr}-1`,
    system: 'x86_64-linux',
    drvPath: drv(`${attr}-1`),
    extraValue,
    meta,
  });
}

const recording = [
  job('app', { buildInputs: [drv('lib-1'), drv('hook.sh')], nativeBuildInputs: [drv('hook.sh'), drv('gen-2')] }),
  job('lib', { buildInputs: [] }, { description: 'Parts\n\nfor many things', mainProgram: 'parts' }),
  'no job',
].join('\n');
const channel = {
  version: 2,
  packages: { app: { pname: 'app', version: '1', name: 'app-1', system: 'x86_64-linux' } },
};

suite('answers about datasets that a run made', () => {
  let cwd = '';

  const run = (...args: string[]) => runInProcess(args, cwd);
  const made = (name: string, source: string, path: string) =>
    run(
      'run',
      ...[
        'embedding.provider=none',
        `nixpkgs.source=${source}`,
        `nixpkgs.path=${join(cwd, path)}`,
        `output.path=${join(cwd, name)}`,
        `output.minifiedPath=${join(cwd, `${name}-mini`)}`,
      ].flatMap((setting) => ['--set', setting]),
    );
  const refused = (args: string[], exitCode: number, message: string) =>
    assert.rejects(run(...args), (error) => {
      assert.ok(error instanceof KnownError);
      assert.deepEqual([error.message, error.exitCode], [message, exitCode]);
      return true;
    });

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'fdnix-answers-'));
    await writeFile(join(cwd, 'a.jsonl'), recording);
    await writeFile(join(cwd, 'packages.json'), JSON.stringify(channel));
    await made('main', 'jsonl', 'a.jsonl');
    await made('channel', 'channel', 'packages.json');
  });
  after(() => rm(cwd, { recursive: true, force: true }));

  test('deps tells declared inputs that lead to no package', async () => {
    assert.equal(
      await run('deps', 'app', '--dataset', join(cwd, 'main')),
      [
        'lib      build',
        'hook.sh  build, native_build  no package',
        'gen      native_build         no package',
        'app: 1 inputs on x86_64-linux (build 1), and 2 declared that lead to no package',
        '',
      ].join('\n'),
    );
    const answer: unknown = JSON.parse(
      await run('deps', 'app', '--kind', 'native_build', '--json', '--dataset', join(cwd, 'main')),
    );
    assert.ok(typeof answer === 'object' && answer !== null && 'unresolved' in answer);
    assert.deepEqual(answer.unresolved, [
      { name: 'hook.sh', kinds: ['build', 'native_build'] },
      { name: 'gen', kinds: ['native_build'] },
    ]);
  });

  test('the minified dataset has no names of what leads to no package', async () => {
    const text = await run('deps', 'app', '--dataset', join(cwd, 'main-mini'));
    assert.equal(text, 'lib  build\napp: 1 inputs on x86_64-linux (build 1)\n');
  });

  test('a dataset whose source knew no inputs does not say that there are none', async () => {
    const message = "the dataset has no dependencies: its source, such as a channel's packages.json, knew none";
    for (const dataset of ['channel', 'channel-mini']) {
      for (const args of [
        ['deps', 'app'],
        ['rdeps', 'app', '--tree'],
        ['rdeps', '--top', '3'],
      ]) {
        await refused([...args, '--dataset', join(cwd, dataset)], 1, message);
      }
    }
  });

  test('numbers that mean nothing, and arguments without effect', async () => {
    const dataset = join(cwd, 'main');
    const depth = '--depth: expected a number of levels, 1 or more';
    await refused(['deps', 'app', '--tree', '--depth', '0', '--dataset', dataset], 2, depth);
    await refused(['deps', 'app', '--tree', '--depth', '1.5', '--dataset', dataset], 2, depth);
    const top = 'rdeps --top is about all packages: leave the attribute path out';
    await refused(['rdeps', 'app', '--top', '3', '--dataset', dataset], 2, top);
    await refused(['status', dataset, '--limit', '0'], 2, '--limit: expected a number of runs, 1 or more');
  });

  test('nothing found on a system that was not evaluated', async () => {
    const message = '--system aarch64-darwin: the dataset has x86_64-linux';
    await refused(['search', 'lib', '--system', 'aarch64-darwin', '--dataset', join(cwd, 'main')], 1, message);
  });

  test('a description of several lines stays on one', async () => {
    const found = await run('search', 'lib', '--dataset', join(cwd, 'main'));
    assert.match(found, /^lib 1\n {2}Parts for many things\n1–1 of 1/);
    assert.match(await run('show', 'lib', '--dataset', join(cwd, 'main')), /^lib 1\n {2}Parts for many things\n/);
  });

  test('show knows what provides a program, and the nearest name', async () => {
    const dataset = join(cwd, 'main');
    const none = (name: string) => `${name}: no such attribute path in ${dataset}; did you mean`;
    await refused(['show', 'parts', '--dataset', dataset], 1, `${none('parts')} lib?`);
    await refused(['show', 'appp', '--dataset', dataset], 1, `${none('appp')} app?`);
  });

  test('a dataset of another tool, or of a version to come, is not read', async () => {
    const { connect } = await import('@lancedb/lancedb');
    const dataset = join(cwd, 'python');
    await (await connect(dataset)).createTable('packages', [{ package_id: 'hello-2.12', license: '{}' }]);
    const message = `${dataset} is no dataset of fdnix-indexer but another one's, such as the Python system's: its tables have no schema_version`;
    for (const command of ['search', 'show', 'deps'])
      await refused([command, 'hello', '--dataset', dataset], 1, message);
  });

  test('status of the minified dataset says where runs are recorded', async () => {
    const dataset = join(cwd, 'main-mini');
    assert.equal(await run('status', dataset), `${dataset}: no runs are recorded; the main dataset has them\n`);
  });
});

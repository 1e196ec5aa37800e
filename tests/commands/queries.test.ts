import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { KnownError } from '../../src/errors.ts';
import { runInProcess } from '../support/in-process.ts';
import { dependencyRowOf as inputs, packageRowOf as row, writePackagesDataset } from '../support/packages-dataset.ts';

/** app → gui → toolkit → base, app → base; base-alias is another path of base. */
const packages = [
  row('app', {
    description: 'Application',
    version: '2.0',
    license_expression: 'MIT',
    homepage: 'https://example.org',
  }),
  row('gui', { description: 'Windows\n\nand menus', dependents: 1, main_program: 'win' }),
  row('toolkit', { description: 'Widgets', dependents: 1 }),
  row('base', { description: 'Foundation', dependents: 2, cluster_id: 'base' }),
  row('base-alias', { description: 'Foundation', dependents: 2, cluster_id: 'base' }),
];
const dependencies = [
  inputs('app', { build: ['gui', 'base'], native_build: ['base'] }),
  inputs('gui', { propagated_build: ['toolkit'] }),
  inputs('toolkit', { build: ['base'] }),
  inputs('base', {}),
  inputs('base-alias', {}),
];

function paths(list: unknown[]): unknown[] {
  return list.map((entry) =>
    typeof entry === 'object' && entry !== null && 'attribute_path' in entry ? entry.attribute_path : null,
  );
}

describe('commands that read a dataset', () => {
  let cwd = '';

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'fdnix-queries-'));
    await writePackagesDataset(join(cwd, 'old'), packages, dependencies);
    const next = [
      row('app', { description: 'Application', version: '2.1' }),
      row('new', { description: 'New' }),
      ...packages.slice(2),
    ];
    await writePackagesDataset(join(cwd, 'new'), next);
  });
  after(() => rm(cwd, { recursive: true, force: true }));

  function text(...args: string[]): Promise<string> {
    return runInProcess(
      args.map((arg) => (arg === 'old' || arg === 'new' ? join(cwd, arg) : arg)),
      cwd,
    );
  }

  async function json(...args: string[]): Promise<unknown> {
    return JSON.parse(await text(...args, '--json'));
  }

  async function listed(...args: string[]): Promise<unknown[]> {
    const answer = await json(...args, '--dataset', 'old');
    assert.ok(typeof answer === 'object' && answer !== null && 'packages' in answer && Array.isArray(answer.packages));
    return answer.packages;
  }

  it('deps lists inputs by kind', async () => {
    assert.deepEqual(await listed('deps', 'app'), [
      { attribute_path: 'gui', depth: 1, kinds: ['build'], via: 'app' },
      { attribute_path: 'base', depth: 1, kinds: ['build', 'native_build'], via: 'app' },
    ]);
    assert.deepEqual(await listed('deps', 'app', '--kind', 'native_build'), [
      { attribute_path: 'base', depth: 1, kinds: ['native_build'], via: 'app' },
    ]);
  });

  it('deps --transitive reaches on', async () => {
    const found = await listed('deps', 'app', '--transitive');
    assert.deepEqual(found.at(-1), { attribute_path: 'toolkit', depth: 2, kinds: ['propagated_build'], via: 'gui' });
    assert.equal(found.length, 3);
  });

  it('deps --tree draws it', async () => {
    const stdout = await text('deps', 'app', '--tree', '--dataset', 'old');
    assert.equal(
      stdout,
      'app\n├─ gui\n│  └─ toolkit\n└─ base\napp: 3 inputs on x86_64-linux (build 2, native_build 1, propagated_build 1)\n',
    );
  });

  it('rdeps finds dependents, of another path of the same derivation too', async () => {
    assert.deepEqual(paths(await listed('rdeps', 'base')), ['app', 'toolkit']);
    assert.deepEqual(paths(await listed('rdeps', 'base-alias')), ['app', 'toolkit']);
    assert.deepEqual(paths(await listed('rdeps', 'base', '--transitive')), ['app', 'toolkit', 'gui']);
    assert.deepEqual(await listed('rdeps', '--top', '2', '--transitive'), [
      { attribute_path: 'base', dependents: 3 },
      { attribute_path: 'toolkit', dependents: 2 },
    ]);
  });

  it('rdeps --counts says how many', async () => {
    const stdout = await text('rdeps', 'base', '--counts', '--dataset', 'old');
    assert.equal(stdout, 'base: 2 dependents on x86_64-linux (build 2, native_build 1)\n');
  });

  it('show tells what is known, and what was perhaps meant', async () => {
    const shown = await json('show', 'base', '--dataset', 'old');
    assert.ok(typeof shown === 'object' && shown !== null && 'variants' in shown && 'description' in shown);
    assert.equal(shown.description, 'Foundation');
    assert.deepEqual(shown.variants, [{ attribute_path: 'base-alias', version: '1.0' }]);
    await assert.rejects(
      text('show', 'toolkti', '--dataset', 'old'),
      /^KnownError: toolkti: no such attribute path in .*old; did you mean toolkit\?$/,
    );
    const shownText = await text('show', 'app', '--dataset', 'old');
    assert.match(shownText, /^app 2\.0\n {2}Application\n/);
    assert.match(shownText, /homepage +https:\/\/example\.org/);
  });

  it('search prints hits for people and one object for programs', async () => {
    const stdout = await text('search', 'widgets', '--dataset', 'old', '--explain');
    assert.match(stdout, /^toolkit 1\.0\n {2}Widgets\n {2}[\d.]+ = relevance/);
    assert.match(stdout, /\n1–1 of 1, \d+ ms\n$/);
    const found = await json('search', 'foundation', '--dataset', 'old');
    assert.ok(typeof found === 'object' && found !== null && 'hits' in found && 'query' in found && 'total' in found);
    assert.deepEqual([found.query, found.total], ['foundation', 1]);
  });

  it('refuses what it cannot answer', async () => {
    const wrong: [args: string[], code: number, message: RegExp][] = [
      [['search', 'app', '--page', '0', '--dataset', 'old'], 2, /--page: pages are numbered from 1/],
      [['search', 'app', '--limit', '0', '--dataset', 'old'], 2, /limit/],
      [['search', 'app', '--dataset', 'nowhere'], 1, /nowhere: there is no dataset/],
      [['search', 'app'], 1, /there is no dataset; make one with/],
      [['deps', 'app', '--system', 'riscv64-linux', '--dataset', 'old'], 1, /the dataset has x86_64-linux/],
      [['deps', 'app', '--dataset', 'new'], 1, /table dependencies/],
      [['rdeps', '--dataset', 'old'], 2, /an attribute path is missing, or --top/],
    ];
    for (const [args, code, message] of wrong) {
      await assert.rejects(
        text(...args),
        (error) => error instanceof KnownError && error.exitCode === code && message.test(error.message),
      );
    }
  });

  it('diff tells what was added, removed and changed', async () => {
    assert.deepEqual(await json('diff', 'old', 'new'), {
      old: join(cwd, 'old'),
      new: join(cwd, 'new'),
      counts: { added: 1, removed: 1, changed: 1 },
      added: [{ attribute_path: 'new', version: '1.0' }],
      removed: [{ attribute_path: 'gui', version: '1.0' }],
      changed: [{ attribute_path: 'app', from: { version: '2.0' }, to: { version: '2.1' } }],
    });
    const stdout = await text('diff', 'old', 'new');
    assert.equal(stdout, '+  new  1.0\n-  gui  1.0\n~  app  2.0 → 2.1\n1 added, 1 removed, 1 changed\n');
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it, type TestContext } from 'node:test';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runCli, startCli } from '../support/cli.ts';
import { fakeEvaluator, type FakeEvaluator } from '../support/evaluator.ts';

const miniNixpkgs = fileURLToPath(new URL('../fixtures/mini-nixpkgs', import.meta.url));
const total = 60;
const attributes = Object.fromEntries(Array.from({ length: total }, (_, n) => [`p${n}`, {}]));

interface Prepared {
  fake: FakeEvaluator;
  args: string[];
  options: { cwd: string; env: { PATH: string } };
  /** Waits until so many attributes have been evaluated. */
  until: (count: number) => Promise<void>;
}

/** A git repository with nixpkgs, and a configuration that has the fake evaluate it. */
async function prepare(t: TestContext): Promise<Prepared> {
  const fake = await fakeEvaluator(t, { attributes, delayMs: 60 });
  const repository = join(fake.directory, 'nixpkgs');
  cpSync(miniNixpkgs, repository, { recursive: true });
  const git = (...args: string[]): Buffer => execFileSync('git', ['-C', repository, ...args]);
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=Test', '-c', 'user.email=test@example.org', 'commit', '--quiet', '-m', 'first');
  git('branch', '-M', 'release-26.05');
  const sets = { 'nixpkgs.url': repository, 'cache.path': 'cache', 'output.path': 'out/main.lancedb' };
  const settings = Object.entries(sets).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  return {
    fake,
    args: ['run', '--mode', 'metadata', '--json', ...settings],
    options: { cwd: fake.directory, env: { PATH: `${dirname(fake.program)}:${process.env['PATH'] ?? ''}` } },
    async until(count) {
      while ((await fake.log()).begun.size < count) await sleep(50);
    },
  };
}

async function evaluatorIsGone(fake: FakeEvaluator): Promise<boolean> {
  for (let tries = 0; tries < 60; tries += 1) {
    const alive = (await fake.log()).starts.filter(({ pid }) => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    });
    if (alive.length === 0) return true;
    await sleep(100);
  }
  return false;
}

describe('run, evaluating', { concurrency: 2 }, () => {
  it('goes on after a kill where it was, and is done at once when nothing changed', async (t) => {
    const { fake, args, options, until } = await prepare(t);
    const first = startCli(args, options);
    await until(total / 2);
    first.kill('SIGKILL');
    assert.ok(await evaluatorIsGone(fake), 'the evaluator does not outlive the run');
    const before = (await fake.log()).begun.size;

    await fake.change({ attributes });
    const second = await runCli(args, options);
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout, /"type":"summary"/);
    assert.match(second.stdout, new RegExp(`"packages":${total}\\b`));
    const twice = [...(await fake.log()).begun.values()].filter((times) => times > 1).length;
    assert.ok(twice <= before / 10, `${twice} of ${before} were evaluated again`);

    const { starts } = await fake.log();
    const third = await runCli(args, options);
    assert.equal(third.code, 0);
    assert.match(third.stdout, /"status":"unchanged"/);
    assert.equal((await fake.log()).starts.length, starts.length);
  });

  it('stops with its evaluator when told to, and leaves no dataset', async (t) => {
    const { fake, args, options, until } = await prepare(t);
    const child = startCli(args, options);
    await until(10);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 143);
    assert.ok(await evaluatorIsGone(fake));
    const status = await runCli(['status', 'out/main.lancedb'], options);
    assert.notEqual(status.code, 0, 'there is no dataset');
  });
});

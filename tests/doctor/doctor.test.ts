import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Finding } from '../../src/doctor/check.ts';
import type { FakePlan } from '../fixtures/nix-eval-jobs.ts';
import { runCli } from '../support/cli.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { fakeEvaluator } from '../support/evaluator.ts';

const miniNixpkgs = fileURLToPath(new URL('../fixtures/mini-nixpkgs', import.meta.url));

interface Diagnosis {
  code: number | null;
  stderr: string;
  findings: Finding[];
  find: (name: string) => Finding | undefined;
  /** What the command left in its directory. */
  left: string[];
}

async function diagnose(t: TestContext, plan: FakePlan | null, ...sets: string[]): Promise<Diagnosis> {
  return diagnoseWith(t, plan, {}, ...sets);
}

async function diagnoseWith(
  t: TestContext,
  plan: FakePlan | null,
  more: NodeJS.ProcessEnv,
  ...sets: string[]
): Promise<Diagnosis> {
  const cwd = await temporaryDirectory(t);
  const tools = plan === null ? [] : [dirname((await fakeEvaluator(t, plan)).program)];
  const env = { PATH: [...tools, '/usr/bin', '/bin'].join(':'), XDG_CACHE_HOME: `${cwd}/cache`, ...more };
  const result = await runCli(['doctor', '--json', ...sets.flatMap((set) => ['--set', set])], { cwd, env });
  const { findings }: { findings: Finding[] } = JSON.parse(result.stdout);
  const find = (name: string): Finding | undefined => findings.find((finding) => finding.name === name);
  return { code: result.code, stderr: result.stderr, findings, find, left: await readdir(cwd) };
}

describe('doctor', { concurrency: 2 }, () => {
  const evaluated = ['nixpkgs.source=path', `nixpkgs.path=${miniNixpkgs}`];

  it('finds nothing wrong where all is there, says what would be used, and leaves no traces', async (t) => {
    const { code, findings, find, left } = await diagnose(
      t,
      { attributes: {} },
      ...evaluated,
      'evaluation.maxMemoryMiB=6144',
    );
    assert.deepEqual([code, findings.filter(({ status }) => status === 'problem')], [0, []]);
    assert.match(find('nix-eval-jobs')?.found ?? '', /with Nix 2\.33\.9/);
    assert.equal(find('memory')?.found, '6144 MiB: evaluation.maxMemoryMiB');
    assert.match(find('workers')?.found ?? '', /^[12]: /);
    assert.deepEqual(left, []);
  });

  it('names what is missing or too old, with a remedy, and fails', async (t) => {
    const old = await diagnose(t, { attributes: {}, lacks: ['--apply'] }, ...evaluated);
    assert.equal(old.code, 1);
    assert.match(old.stderr, /one thing is in the way of a run: nix-eval-jobs/);
    assert.match(old.find('nix-eval-jobs')?.found ?? '', /It lacks --apply/);
    const none = await diagnose(t, null, ...evaluated);
    assert.deepEqual([none.code, none.find('nix-eval-jobs')?.found], [1, 'nix-eval-jobs is not on PATH']);
    assert.match(none.find('nix-eval-jobs')?.remedy ?? '', /Install nix-eval-jobs/);
  });

  it('asks a daemon as a run would, and opens no store itself', async (t) => {
    const plan = { attributes: {}, noStore: 'error: cannot connect to socket at /nowhere: No such file or directory' };
    const { code, find } = await diagnoseWith(t, plan, { NIX_REMOTE: 'unix:///nowhere' }, ...evaluated);
    assert.equal(code, 1);
    assert.match(find('nix-eval-jobs')?.found ?? '', /cannot evaluate anything here:\nerror: cannot connect to socket/);
    assert.match(find('nix-eval-jobs')?.remedy ?? '', /NIX_REMOTE/);
    assert.equal((await diagnoseWith(t, plan, { NIX_REMOTE: 'local?root=/nowhere' }, ...evaluated)).code, 0);
  });

  it('warns of little memory, with which a run ends all the same', async (t) => {
    const { code, find } = await diagnose(t, { attributes: {} }, ...evaluated, 'evaluation.maxMemoryMiB=2048');
    assert.deepEqual([code, find('memory')?.status], [0, 'note']);
    assert.match(find('memory')?.remedy ?? '', /it will be slow/);
    assert.match(find('systems')?.found ?? '', /one after the other/);
    const more = await diagnose(t, { attributes: {} }, ...evaluated, 'evaluation.maxMemoryMiB=9000000');
    assert.deepEqual([more.code, more.find('memory')?.status], [0, 'note']);
    assert.match(more.find('memory')?.remedy ?? '', /is 9000000, but \d+ MiB are free/);
  });

  it('does not ask for tools that the configuration does not use', async (t) => {
    const { code, find } = await diagnose(t, null, 'nixpkgs.source=jsonl', 'nixpkgs.path=x.jsonl');
    assert.deepEqual([code, find('nix-eval-jobs')?.status], [0, 'note']);
  });

  it('says when the tree is none, and when too much is asked for', async (t) => {
    const plan = { attributes: {} };
    const tree = await diagnose(t, plan, 'nixpkgs.source=path', 'nixpkgs.path=/usr');
    assert.match(tree.find('package set')?.found ?? '', /\/usr is no nixpkgs tree/);
    const workers = await diagnose(t, plan, ...evaluated, 'evaluation.workers=64', 'evaluation.maxMemoryMiB=4096');
    assert.match(workers.find('workers')?.found ?? '', /64 workers do not fit into 4096 MiB/);
    assert.equal(workers.code, 1);
  });
});

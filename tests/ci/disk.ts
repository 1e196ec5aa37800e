/** Runs on a disk that is full, and where they may not write: a clear error, and what was there is as it was. Wants root. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { verifyDataset } from '../../src/store/verify/verify.ts';
import { runCli, type CliResult } from '../support/cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sample = join(root, 'sample/nixpkgs-sample.jsonl');

async function mounted(t: TestContext, mebibytes: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fdnix-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0755`, 'tmpfs', directory]);
  t.after(async () => {
    execFileSync('umount', ['-l', directory]);
    await rm(directory, { recursive: true });
  });
  return directory;
}

function argsFor(folder: string, extra: string[] = []): string[] {
  const sets = [
    'nixpkgs.source=jsonl',
    `nixpkgs.path=${sample}`,
    `output.path=${join(folder, 'data.lancedb')}`,
    `output.minifiedPath=${join(folder, 'mini.lancedb')}`,
    'embedding.provider=none',
  ];
  return ['run', '--mode', 'both', '--quiet', ...sets.flatMap((set) => ['--set', set]), ...extra];
}

const index = (folder: string, extra: string[] = []) => runCli(argsFor(folder, extra), { cwd: root });

async function assertWhole(folder: string): Promise<void> {
  for (const name of ['data.lancedb', 'mini.lancedb']) {
    const { ok, checks } = await verifyDataset(join(folder, name));
    assert.ok(ok, JSON.stringify(checks));
  }
}

function assertRefused({ code, stderr, stdout }: CliResult, message: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /^ {4}at |panicked|this is a bug/m);
}

test('a disk that is full at any moment of a run', { timeout: 600_000 }, async (t) => {
  const disk = await mounted(t, 16);
  assert.equal((await index(disk)).code, 0);
  const ballast = join(disk, 'ballast');
  // Other settings of the index, so that all of it is written anew.
  const changed = ['--force', '--set', 'fts.stopwords=', '--set', 'fts.stemmer=', '--set', 'embedding.maxChars=300'];
  let [refused, done] = [0, 0];
  for (let kibibytes = 0; done === 0; kibibytes = kibibytes === 0 ? 4 : Math.ceil(kibibytes * 1.5)) {
    await rm(ballast, { force: true });
    const free = Number(
      execFileSync('df', ['--output=avail', '--block-size=1024', disk], { encoding: 'utf8' }).split('\n')[1],
    );
    await writeFile(ballast, Buffer.alloc((free - kibibytes) * 1024));
    const result = await index(disk, changed);
    await assertWhole(disk);
    if (result.code === 0) done += 1;
    else {
      assertRefused(result, /the disk is full; what was there before is untouched/);
      refused += 1;
    }
    for (const store of ['.data.lancedb.d', '.mini.lancedb.d']) {
      const inside = await readdir(join(disk, store));
      assert.ok(
        inside.every((name) => /^\d+$/.test(name)),
        `${kibibytes} KiB: ${inside.join(' ')}`,
      );
    }
    assert.deepEqual(
      (await readdir(disk)).filter((name) => name.endsWith('.partial')),
      [],
    );
  }
  t.diagnostic(`refused ${refused} times, then there was room`);
  assert.ok(refused > 5, `only ${refused} runs met a full disk`);
});

test('a file system that was mounted to be read', async (t) => {
  const disk = await mounted(t, 16);
  assert.equal((await index(disk)).code, 0);
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  assertRefused(
    await index(disk, ['--force']),
    /data\.lancedb cannot be written \(EROFS.*what was there before is untouched/,
  );
  await assertWhole(disk);
  const search = await runCli(['search', 'ripgrep', '--dataset', join(disk, 'mini.lancedb')], { cwd: root });
  assert.equal(search.code, 0, search.stderr);
  assert.equal((await index(disk)).code, 0, 'nothing to do needs no writing');
});

test('a directory of another user', async (t) => {
  const disk = await mounted(t, 16);
  const theirs = join(disk, 'theirs');
  await mkdir(theirs);
  assert.equal((await index(theirs)).code, 0);
  await chmod(theirs, 0o755);
  for (const folder of [theirs, join(theirs, 'below')]) {
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const command = [process.execPath, join(root, 'dist/cli.js'), ...argsFor(folder, ['--force'])];
    const { status, stdout, stderr } = spawnSync('setpriv', [...nobody, ...command], { encoding: 'utf8', cwd: '/' });
    assertRefused({ code: status, stdout, stderr }, /data\.lancedb cannot be written \(EACCES.*Check permissions/);
  }
  await assertWhole(theirs);
});

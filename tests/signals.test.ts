import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startCli } from './support/cli.ts';
import { temporaryDirectory } from './support/directory.ts';

interface Waiting {
  child: ChildProcess;
  /** Writes what the command is waiting for. */
  pipe: FileHandle;
  stderr: Promise<string>;
  closed: Promise<unknown[]>;
}

/** A command that waits in the middle of its work: its configuration comes from a named pipe. */
async function startWaiting(t: TestContext): Promise<Waiting> {
  const cwd = await temporaryDirectory(t);
  const path = join(cwd, 'pipe.yaml');
  execFileSync('mkfifo', [path]);
  const child = startCli(['config', 'check', '--config', path], { cwd });
  assert.ok(child.stderr !== null && child.stdout !== null);
  const closed = once(child, 'close');
  const stderr = text(child.stderr);
  child.stdout.resume();
  // Opening waits until the other end is open too.
  const pipe = await open(path, 'w');
  t.after(async () => {
    child.kill('SIGKILL');
    await pipe.close().catch(() => undefined);
  });
  return { child, pipe, stderr, closed };
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} lets a command end in order, and then the exit code is ${code}`, async (t) => {
    const { child, pipe, stderr, closed } = await startWaiting(t);
    child.kill(signal);
    await once(child.stderr ?? child, 'data');
    await pipe.writeFile('mode: full\n');
    await pipe.close();
    assert.deepEqual(await closed, [code, null]);
    assert.match(await stderr, new RegExp(`^${signal}: stopping; once more stops at once\n`));
  });
}

test('a run that waits for standard input ends at once, and leaves nothing', async (t) => {
  const cwd = await temporaryDirectory(t);
  const sets = ['nixpkgs.source=jsonl', 'nixpkgs.path=-', 'output.path=data.lancedb'].flatMap((set) => ['--set', set]);
  const child = startCli(['run', '--mode', 'metadata', ...sets], { cwd, timeout: 10_000, openStdin: true });
  const closed = once(child, 'close');
  const scratch = join(cwd, '.data.lancedb.d/scratch');
  while (!existsSync(scratch)) await setTimeout(20);
  // It begins to read at once after that.
  await setTimeout(200);
  child.kill('SIGTERM');
  assert.deepEqual(await closed, [143, null]);
  assert.deepEqual(await readdir(join(cwd, '.data.lancedb.d')), []);
});

test('a second SIGINT ends it at once', async (t) => {
  const { child, closed } = await startWaiting(t);
  child.kill('SIGINT');
  await once(child.stderr ?? child, 'data');
  child.kill('SIGINT');
  // Which a shell calls 130 as well.
  assert.deepEqual(await closed, [null, 'SIGINT']);
});

test('a reader that goes away is no failure', async (t) => {
  const child = startCli(['config', 'schema'], { cwd: await temporaryDirectory(t) });
  assert.ok(child.stderr !== null && child.stdout !== null);
  const closed = once(child, 'close');
  const stderr = text(child.stderr);
  child.stdout.destroy();
  assert.deepEqual(await closed, [0, null]);
  assert.equal(await stderr, '');
});

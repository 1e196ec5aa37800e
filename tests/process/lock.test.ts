import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { takeLock } from '../../src/process/lock.ts';
import { temporaryDirectory } from '../support/directory.ts';

const worker = fileURLToPath(new URL('../fixtures/take-lock.ts', import.meta.url));

async function lockFile(t: TestContext): Promise<string> {
  return join(await temporaryDirectory(t), 'lock');
}

/** The lock of a process that was killed while it held it. */
async function leaveBehind(file: string): Promise<Record<string, unknown>> {
  const child = fork(worker, [file, 'hold'], { stdio: 'inherit' });
  await once(child, 'message');
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
  return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
}

test('taken, held against others, given back', async (t) => {
  const file = await lockFile(t);
  const lock = await takeLock(file);
  await lock.check();
  await assert.rejects(takeLock(file), {
    name: 'KnownError',
    message: new RegExp(
      `^${file}: another run \\(process ${process.pid} on .+, since .+\\) is writing there; wait for it, or stop it$`,
    ),
  });
  await lock.release();
  assert.deepEqual(await readdir(join(file, '..')), []);
  await (await takeLock(file)).release();
});

test('the lock of a process that was killed is taken over', async (t) => {
  const file = await lockFile(t);
  await leaveBehind(file);
  const lock = await takeLock(file);
  await lock.check();
  assert.deepEqual(await readdir(join(file, '..')), ['lock']);
  await lock.release();
});

test('a process id that another process got since is no holder', async (t) => {
  const file = await lockFile(t);
  const holder = await leaveBehind(file);
  await writeFile(file, JSON.stringify({ ...holder, pid: process.pid }));
  await (await takeLock(file)).release();
});

test('a process that cannot be seen from here counts as alive for a minute', async (t) => {
  const file = await lockFile(t);
  const holder = await leaveBehind(file);
  await writeFile(file, JSON.stringify({ ...holder, host: 'elsewhere 1 2' }));
  await assert.rejects(takeLock(file), /another run \(process \d+ on elsewhere, since/);
  const before = new Date(Date.now() - 61_000);
  await utimes(file, before, before);
  await (await takeLock(file)).release();
});

test('a lock that says nothing counts as alive for a minute', async (t) => {
  const file = await lockFile(t);
  await writeFile(file, '');
  await assert.rejects(takeLock(file), /another run/);
  const before = new Date(Date.now() - 61_000);
  await utimes(file, before, before);
  await (await takeLock(file)).release();
});

test('who lost the lock is told, and does not take it from its new holder', async (t) => {
  const file = await lockFile(t);
  const lock = await takeLock(file);
  await writeFile(file, JSON.stringify({ pid: 1, host: 'elsewhere', started: null, since: 'now', id: 'other' }));
  await assert.rejects(lock.check(), /another run \(process 1 on elsewhere/);
  await lock.release();
  assert.deepEqual(await readdir(join(file, '..')), ['lock']);
});

test('of many processes that find a dead one’s lock, one at a time gets it', async (t) => {
  const file = await lockFile(t);
  await leaveBehind(file);
  const record = join(file, '..', 'record');
  await writeFile(record, '');
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--import', import.meta.resolve('tsx'), worker, file, 'contend', record], {
      stdio: 'inherit',
    }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'close'))[0] as number));
  assert.deepEqual(
    codes,
    codes.map(() => 0),
  );
  const events = (await readFile(record, 'utf8')).trimEnd().split('\n');
  assert.equal(events.length, 2 * children.length);
  for (let index = 0; index < events.length; index += 2) {
    assert.equal(events[index]?.replace('in', 'out'), events[index + 1], events.join(', '));
  }
  assert.deepEqual(await readdir(join(file, '..')), ['record']);
});

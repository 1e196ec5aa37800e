import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { locateDataset } from '../../src/publish/s3-location.ts';
import { atRate, startFaultProxy } from '../support/fault-proxy.ts';
import { open, prune, readTokens, writeTokens } from '../support/lance-dataset.ts';
import { graceMs, lanceOptions, targetAt, temporary, useTestCredentials } from '../support/publish.ts';
import { findS3Servers, startS3Server } from '../support/s3-server.ts';

const long = process.env['FDNIX_LONG_TESTS'] !== undefined;
const [publishes, rows] = long ? [20, 10_000] : [3, 300];
const installed = await findS3Servers();
const publisher = fileURLToPath(new URL('../support/publisher.ts', import.meta.url));
const bucket = 'fdnix-artifacts';
useTestCredentials();

/** Rows that go with a token, so that a mixture shows in the counts too. */
function rowsOf(token: number): number {
  return rows + token;
}

/** Runs a publisher; kills it after some milliseconds where given. Answers its exit code, null where it was killed. */
async function publishOnce(args: string[], killAfter: number | null): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), publisher, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const timer = killAfter === null ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, stderr };
}

for (const found of long ? installed : installed.slice(0, 1)) {
  test(`readers during ${publishes} publications of ${rows} rows to ${found.name}, publishers killed and failing`, async (t) => {
    const server = await startS3Server(found);
    t.after(() => server.close());
    await server.createBucket(bucket);
    const proxy = await startFaultProxy(server.endpoint);
    t.after(() => proxy.close());
    const local = join(await temporary(t), 'data.lancedb');
    const key = 'chaos/data.lancedb';
    const { settings } = targetAt(server.endpoint, bucket, key).bucket;
    const args = [proxy.endpoint, bucket, key, local];
    const publishAlways = async (token: number): Promise<void> => {
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const { code, stderr } = await publishOnce([...args, String(token)], null);
        if (code === 0) return;
        assert.match(
          stderr,
          /tries|other publisher|files are not as they should be/,
          'a publisher that gives up says why',
        );
      }
      assert.fail('eight publishers in a row gave up');
    };

    await writeTokens(local, 1, rowsOf(1));
    await publishAlways(1);
    const seen = { latest: new Set<number>(), prefix: new Set<number>(), reads: 0, late: 0 };
    const done = new AbortController();
    // A reader that the machine keeps for longer than the grace has no claim to its files any more.
    const reading = async (read: () => Promise<void>): Promise<void> => {
      const began = performance.now();
      try {
        await read();
        seen.reads += 1;
      } catch (error) {
        if (error instanceof assert.AssertionError || performance.now() - began < graceMs) throw error;
        seen.late += 1;
      }
    };
    const follow = async (): Promise<void> => {
      const { uri, storageOptions, tables } = await locateDataset(`s3://${bucket}/chaos/data.latest.json`, settings, {
        signal: t.signal,
      });
      const db = await open(uri, storageOptions);
      const [packages, dependencies] = [
        await readTokens(db, 'packages', tables?.['packages'] ?? null),
        await readTokens(db, 'dependencies', tables?.['dependencies'] ?? null),
      ];
      db.close();
      assert.equal(packages.tokens.length, 1);
      assert.deepEqual(packages.tokens, dependencies.tokens, 'both tables are of one publication');
      const [token = 0] = packages.tokens;
      assert.deepEqual([packages.rows, dependencies.rows], [rowsOf(token), rowsOf(token) * 2]);
      seen.latest.add(token);
    };
    const readPrefix = async (): Promise<void> => {
      const db = await open(`s3://${bucket}/${key}`, lanceOptions(server.endpoint));
      for (const [name, factor] of [
        ['packages', 1],
        ['dependencies', 2],
      ] as const) {
        const { tokens, rows: count } = await readTokens(db, name, null);
        assert.equal(tokens.length, 1, `${name} is whole`);
        assert.equal(count, rowsOf(tokens[0] ?? 0) * factor);
        seen.prefix.add(tokens[0] ?? 0);
      }
      db.close();
      await sleep(20);
    };
    const untilDone = async (read: () => Promise<void>): Promise<void> => {
      while (!done.signal.aborted) await reading(read);
    };
    let kills = 0;
    const write = async (): Promise<void> => {
      try {
        for (let token = 2; token <= publishes; token += 1) {
          await writeTokens(local, token, rowsOf(token));
          await prune(local);
          proxy.setRule(atRate(0.2, token));
          // Somewhere between the start of the process and the end of its work, another place each time.
          const { code } = await publishOnce([...args, String(token)], 500 + ((token * 7919) % 1500));
          if (code === null) kills += 1;
          await publishAlways(token);
        }
      } finally {
        done.abort();
      }
    };
    await Promise.all([untilDone(follow), untilDone(readPrefix), write()]);
    assert.ok(seen.late < seen.reads / 10, `${seen.late} readers were late, ${seen.reads} were not`);
    assert.ok(seen.latest.has(publishes) || seen.latest.size > 1, 'readers saw publications come');
    assert.ok(proxy.counters.faults > publishes, `${proxy.counters.faults} faults`);
    t.diagnostic(
      `${seen.reads} reads (and ${seen.late} late ones) saw ${seen.latest.size} publications by latest.json and ${seen.prefix.size} at the prefix; ${kills} publishers killed, ${proxy.counters.faults} of ${proxy.counters.requests} requests failed`,
    );
    if (long) assert.ok(kills > 5 && seen.latest.size > 10);
  });
}

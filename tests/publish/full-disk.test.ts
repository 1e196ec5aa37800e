import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { publishDataset } from '../../src/publish/dataset.ts';
import { downloadDataset } from '../../src/publish/sync-down.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { open, readTokens, writeTokens } from '../support/lance-dataset.ts';
import { listening, publishOptions, targetAt, temporary, useTestCredentials } from '../support/publish.ts';
import { findS3Servers, startS3Server } from '../support/s3-server.ts';

const [found] = await findS3Servers();
useTestCredentials();

/** Mounts a file system of so many MiB, or answers null where that is not allowed. */
function mountSmall(t: TestContext, mebibytes: number): string | null {
  const directory = mkdtempSync(join(tmpdir(), 'fdnix-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    rmdirSync(directory);
    return null;
  }
  t.after(() => {
    execFileSync('umount', ['-l', directory]);
    rmdirSync(directory);
  });
  return directory;
}

test(
  'a full disk is told before the download and in its midst, and it goes on from there',
  { skip: found ? false : 'no S3 server is installed' },
  async (t) => {
    if (!found) return;
    const folder = await temporary(t);
    const disk = mountSmall(t, 4);
    if (disk === null) return t.skip('this user may not mount a small file system');
    const server = await startS3Server(found);
    t.after(() => server.close());
    await server.createBucket('fdnix-artifacts');
    const proxy = await startFaultProxy(server.endpoint);
    t.after(() => proxy.close());
    const local = join(folder, 'data.lancedb');
    await writeTokens(local, 1, 60_000);
    const target = targetAt(proxy.endpoint, 'fdnix-artifacts', 'disk/data.lancedb', { concurrency: 1 });
    const { bytes } = await publishDataset(
      target,
      local,
      { schemaVersion: 1, revision: null, counts: {} },
      publishOptions,
      listening(),
    );
    assert.ok(bytes > 1 << 20 && bytes < 4 << 20, `${bytes} bytes`);

    const down = join(disk, 'down.lancedb');
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc((4 << 20) - (bytes >> 1)));
    await assert.rejects(
      downloadDataset(target, down, listening()),
      /bytes are still to be downloaded, \d+ are free; make room and run again/,
    );
    rmSync(filler);
    proxy.setRule(({ method, path }) => {
      if (method !== 'GET' || !path.endsWith('.lance') || existsSync(filler)) return null;
      try {
        writeFileSync(filler, Buffer.alloc(4 << 20));
      } catch {
        // It takes what there is.
      }
      return null;
    });
    await assert.rejects(
      downloadDataset(target, down, listening()),
      /the disk is full; \d+ bytes are needed for this file/,
    );
    assert.equal(existsSync(down), false);
    proxy.setRule(null);
    rmSync(filler);
    await downloadDataset(target, down, listening());
    const db = await open(down);
    assert.deepEqual(await readTokens(db, 'packages', null), { tokens: [1], rows: 60_000 });
    db.close();
  },
);

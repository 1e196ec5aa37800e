import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { follow, type Progress } from '../../src/evaluate/follow.ts';
import { temporaryDirectory } from '../support/directory.ts';

test('a file that is cut short while it is read ends the reading with its name', async (t) => {
  const file = join(await temporaryDirectory(t), 'lines.jsonl');
  await writeFile(file, 'a\nb\n');
  const progress: Progress = { bytes: () => 8, changed: () => Promise.resolve(), ended: () => false };
  const lines = follow(file, progress, t.signal);
  assert.deepEqual((await lines.next()).value, ['a', 'b']);
  await truncate(file, 2);
  await assert.rejects(lines.next(), /^KnownError: .*lines\.jsonl: was cut short by something else/);
});

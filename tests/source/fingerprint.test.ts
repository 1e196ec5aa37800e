import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fingerprint } from '../../src/source/fingerprint.ts';
import { temporaryDirectory } from '../support/directory.ts';

test('a tree that cannot be read is named, and is no bug', async (t) => {
  const gone = join(await temporaryDirectory(t), 'gone');
  await assert.rejects(fingerprint(gone, t.signal), /^KnownError: .*gone cannot be read, or changes .*ENOENT/);
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../src/errors.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runInProcess } from '../support/in-process.ts';

const sample = fileURLToPath(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url));

describe('cluster', () => {
  it('works clusters out anew, as overrides say, as a whole or not at all', async (t) => {
    const cwd = await temporaryDirectory(t);
    const output = ['--set', `output.path=${join(cwd, 'data')}`];
    await runInProcess(
      ['run', '--mode', 'metadata', '--set', 'nixpkgs.source=jsonl', '--set', `nixpkgs.path=${sample}`, ...output],
      cwd,
    );
    const json = async (...args: string[]): Promise<unknown> =>
      JSON.parse(await runInProcess([...args, ...output, '--json'], cwd));
    const counted = async (...args: string[]): Promise<Record<string, unknown>> => ({
      ...Object(await json('cluster', '--backfill', ...args)),
    });

    const before = await counted('--dry-run');
    assert.deepEqual([before['moved'], before['reranked']], [0, 0]);

    await writeFile(join(cwd, 'overrides.yaml'), 'merge:\n  - [ripgrep, jq]\n');
    const overrides = ['--set', `cluster.overrides=${join(cwd, 'overrides.yaml')}`];
    const planned = await counted('--dry-run', ...overrides);
    assert.equal(planned['moved'], 1);
    assert.equal(Object(await json('cluster', 'jq'))['size'], 1, 'a dry run writes nothing');

    const { dry_run: _, ...done } = await counted(...overrides);
    const { dry_run: __, ...expected } = planned;
    assert.deepEqual(done, expected);
    const merged = Object(await json('cluster', 'ripgrep'));
    assert.deepEqual(merged['attribute_paths'], ['jq', 'ripgrep']);
    assert.deepEqual(merged['joins'], [{ package_id: 'jq', joined_to: 'ripgrep', reason: 'override', confidence: 1 }]);
    assert.equal(Object(await json('show', 'ripgrep'))['cluster_id'], merged['cluster_id']);
    assert.equal(Object(await json('search', 'ripgrep'))['hits'][0]['variants'][0]['attribute_path'], 'jq');
    await runInProcess(['verify', ...output], cwd);

    const again = await counted(...overrides);
    assert.deepEqual([again['moved'], again['reranked']], [0, 0]);
  });

  it('refuses what contradicts itself', async (t) => {
    const cwd = await temporaryDirectory(t);
    await assert.rejects(runInProcess(['cluster', '--backfill', 'jq'], cwd), UsageError);
    await assert.rejects(runInProcess(['cluster', '--backfill', '--dataset', 'x'], cwd), UsageError);
    await assert.rejects(runInProcess(['cluster'], cwd), UsageError);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scaleRecording } from '../../bench/scale.ts';
import type { RawJob } from '../../src/model.ts';

const sample = fileURLToPath(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'scale-'));
after(() => rmSync(folder, { recursive: true }));

function jobsOf(path: string): RawJob[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line): RawJob => JSON.parse(line));
}

/** Edges as pairs of positions in the file, -1 for an input that is not in it. */
function edgesOf(jobs: RawJob[]): number[][] {
  const positions = new Map(jobs.map((job, index) => [job.drvPath, index]));
  return jobs.map(({ extraValue }) => {
    const inputs = [...(extraValue?.nativeBuildInputs ?? []), ...(extraValue?.buildInputs ?? [])];
    return inputs.map((input) => positions.get(input) ?? -1);
  });
}

function derivations(jobs: RawJob[]): number {
  return new Set(jobs.map((job) => job.drvPath).filter(Boolean)).size;
}

test('each copy has its own attribute paths and derivations, and edges inside itself as in the original', async () => {
  const out = join(folder, 'large.jsonl');
  await scaleRecording(sample, out, 40);
  const [small, large] = [jobsOf(sample), jobsOf(out)];
  assert.equal(large.length, small.length * 40);
  assert.deepEqual(large.slice(0, small.length), small);
  assert.equal(new Set(large.map((job) => job.attr)).size, large.length);
  assert.equal(derivations(large), derivations(small) * 40);
  for (const job of large) assert.equal(job.attrPath?.join('.'), job.attr);
  const [edges, all] = [edgesOf(small), edgesOf(large)];
  for (const [index, inputs] of all.entries()) {
    const copy = Math.floor(index / small.length);
    const expected = edges[index % small.length]?.map((input) => (input < 0 ? -1 : input + copy * small.length));
    assert.deepEqual(inputs, expected);
  }
});

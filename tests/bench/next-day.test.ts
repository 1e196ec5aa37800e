import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { nextDay, type ChangeList } from '../../bench/next-day.ts';
import { nextVersion } from '../../bench/support/next-version.ts';
import type { RawJob } from '../../src/model.ts';

const sample = fileURLToPath(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'next-day-'));
after(() => rmSync(folder, { recursive: true }));

type Jobs = Map<string, RawJob>;

function jobsOf(path: string): Jobs {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const jobs = lines.map((line): RawJob => JSON.parse(line));
  assert.equal(new Set(jobs.map((job) => job.attr)).size, jobs.length, 'each attribute once');
  return new Map(jobs.map((job) => [job.attr, job]));
}

function inputsOf({ extraValue }: RawJob): string[] {
  return [
    ...(extraValue?.buildInputs ?? []),
    ...(extraValue?.nativeBuildInputs ?? []),
    ...(extraValue?.propagatedBuildInputs ?? []),
    ...(extraValue?.propagatedNativeBuildInputs ?? []),
  ];
}

/** The attribute path that each derivation path resolves to. */
function resolver(jobs: Jobs): Map<string, string> {
  const found = new Map<string, string>();
  for (const { attr, drvPath } of jobs.values()) {
    if (!drvPath) continue;
    const other = found.get(drvPath);
    const wins = other === undefined || attr.length < other.length || (attr.length === other.length && attr < other);
    if (wins) found.set(drvPath, attr);
  }
  return found;
}

/** What a row of `dependencies` says, recomputed from the lines alone. */
function dependencyRow(job: RawJob, resolve: Map<string, string>): string {
  return JSON.stringify([job.extraValue?.version, inputsOf(job).map((input) => resolve.get(input) ?? null)]);
}

function both(before: Jobs, next: Jobs, differs: (old: RawJob, now: RawJob) => boolean): string[] {
  const attrs = [...before.keys()].filter((attr) => {
    const [old, now] = [before.get(attr), next.get(attr)];
    return old?.drvPath && now && differs(old, now);
  });
  return attrs.toSorted();
}

/** The list as it follows from the two files, without a look at how the second was made. */
function compare(before: Jobs, next: Jobs): Omit<ChangeList, 'seed' | 'rates'> {
  const added = [...next.keys()].filter((attr) => !before.has(attr)).toSorted();
  const removed = [...before.keys()].filter((attr) => !next.has(attr)).toSorted();
  const [oldResolve, newResolve] = [resolver(before), resolver(next)];
  return {
    bumped: both(before, next, (old, now) => old.extraValue?.version !== now.extraValue?.version),
    rebuilt: both(
      before,
      next,
      (old, now) => old.drvPath !== now.drvPath && old.extraValue?.version === now.extraValue?.version,
    ),
    described: both(before, next, (old, now) => old.meta?.description !== now.meta?.description),
    added,
    removed,
    changed: both(
      before,
      next,
      (old, now) => old.drvPath !== now.drvPath || old.meta?.description !== now.meta?.description,
    ),
    dependencies: {
      changed: both(before, next, (old, now) => dependencyRow(old, oldResolve) !== dependencyRow(now, newResolve)),
      added,
      removed,
    },
  };
}

const share = fc.double({ min: 0, max: 0.4, noNaN: true });
const rates = fc.record({ bump: share, describe: share, add: share, remove: share });

test('the list says exactly what differs between the two files', async () => {
  const before = jobsOf(sample);
  await fc.assert(
    fc.asyncProperty(fc.integer(), rates, async (seed, chosen) => {
      const out = join(folder, 'next.jsonl');
      const { seed: _, rates: __, ...list } = await nextDay(sample, out, seed, chosen);
      assert.deepEqual(list, compare(before, jobsOf(out)));
    }),
    { numRuns: 60 },
  );
});

test('a derivation path changes if and only if the version or one of the inputs did', async () => {
  const before = jobsOf(sample);
  await fc.assert(
    fc.asyncProperty(fc.integer(), rates, async (seed, chosen) => {
      const out = join(folder, 'next.jsonl');
      await nextDay(sample, out, seed, chosen);
      for (const [attr, now] of jobsOf(out)) {
        const old = before.get(attr);
        if (!old?.drvPath) continue;
        const inputs = inputsOf(now).some((input, index) => input !== inputsOf(old)[index]);
        const expected = inputs || old.extraValue?.version !== now.extraValue?.version;
        assert.equal(old.drvPath !== now.drvPath, expected, attr);
        for (const [output, path] of Object.entries(now.outputs ?? {})) {
          assert.equal(path !== old.outputs?.[output], expected, `${attr} ${output}`);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test('the same seed gives the same files whatever the compression, another seed others', async () => {
  const read = async (name: string, seed: number) => {
    const list = await nextDay(sample, join(folder, name), seed, {
      bump: 0.05,
      describe: 0.05,
      add: 0.05,
      remove: 0.05,
    });
    return { list, bytes: readFileSync(join(folder, name)) };
  };
  const [one, same, other] = [await read('a.jsonl', 7), await read('b.jsonl', 7), await read('c.jsonl', 8)];
  assert.deepEqual(same, one);
  assert.notDeepEqual(other.bytes, one.bytes);
  const packed = await read('d.jsonl.zst', 7);
  assert.deepEqual(packed.list, one.list);
  await nextDay(join(folder, 'd.jsonl.zst'), join(folder, 'e.jsonl'), 1, { bump: 0, describe: 0, add: 0, remove: 0 });
  assert.deepEqual(readFileSync(join(folder, 'e.jsonl')), one.bytes);
});

test('the next version counts the last number up', () => {
  const cases = {
    '1.2.3': '1.2.4',
    '1.1.1w': '1.1.2w',
    '2.9': '2.10',
    '0-unstable-2025-01-09': '0-unstable-2025-01-10',
    '7.1.2-99': '7.1.2-100',
  };
  for (const [version, next] of Object.entries(cases)) assert.equal(nextVersion(version), next);
  assert.equal(nextVersion('unstable'), null);
});

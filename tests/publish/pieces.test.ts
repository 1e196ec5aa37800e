import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { succeed } from '../../src/publish/dataset.ts';
import { guardViolations } from '../../src/publish/guard.ts';
import { parseInventory, serializeInventory } from '../../src/publish/inventory.ts';
import { checkKeys, fillKey, latestKey } from '../../src/publish/keys.ts';
import { liveSnapshots, parseLatest, snapshotsOf, type Latest, type Snapshot } from '../../src/publish/latest.ts';
import { classify, tableVersions } from '../../src/publish/layout.ts';
import { divergences, planUpload, type Known } from '../../src/publish/plan.ts';
import type { ObjectInfo } from '../../src/publish/s3-objects.ts';
import { rolledBack } from '../../src/publish/rollback.ts';
import { checkPaths, pathProblem } from '../../src/publish/safe-path.ts';
import { arnOf, serviceFailure } from '../../src/publish/service-errors.ts';
import { inWindow, together } from '../../src/publish/window.ts';

const manifest = (table: string, version: bigint): string =>
  `${table}.lance/_versions/${String(2n ** 64n - 1n - version).padStart(20, '0')}.manifest`;
const file = (path: string, sha256 = 'a'.repeat(64), size = 1): { path: string; size: number; sha256: string } => ({
  path,
  size,
  sha256,
});
const snapshot = (number: number, more: Partial<Snapshot> = {}): Snapshot => ({
  prefix: 'data',
  publishedAt: new Date(Date.UTC(2026, 0, number)).toISOString(),
  schemaVersion: 1,
  revision: null,
  counts: {},
  tables: { packages: number },
  files: 1,
  bytes: 1,
  content: `content ${number}`,
  inventory: { key: `inventories/${number}.json`, sha256: String(number) },
  ...more,
});

function object(key: string, etag: string): ObjectInfo {
  return { key, size: 1, etag, modified: 0 };
}

test('files are told apart, and versions read from names that count down or up', () => {
  assert.deepEqual(classify(manifest('packages', 7n)), { kind: 'manifest', table: 'packages', version: 7 });
  assert.deepEqual(classify('packages.lance/_versions/7.manifest'), {
    kind: 'manifest',
    table: 'packages',
    version: 7,
  });
  assert.equal(classify('packages.lance/_versions/latest_version_hint.json').kind, 'hint');
  assert.equal(classify('packages.lance/_refs/tags/x.json').kind, 'ref');
  assert.equal(classify('packages.lance/_indices/u/x.idx').kind, 'data');
  assert.deepEqual(
    tableVersions([{ path: manifest('a', 3n) }, { path: manifest('a', 12n) }, { path: manifest('b', 1n) }]),
    { a: 12, b: 1 },
  );
});

test('keys: placeholders, the file that names the current snapshot, and pairs that would share it', () => {
  const values = { date: '2026-07-14', revision: 'abc' };
  assert.equal(
    fillKey('/snapshots/{date}/{revision}.lancedb/', values, 's3.dataKey'),
    'snapshots/2026-07-14/abc.lancedb',
  );
  assert.throws(
    () => fillKey('{revision}', { ...values, revision: null }, 's3.dataKey'),
    /s3\.dataKey: '\{revision\}' needs a revision/,
  );
  assert.throws(() => fillKey('{day}', values, 's3.dataKey'), /'\{day\}' in '\{day\}' stands for nothing/);
  for (const [template, key] of [
    ['snapshots/fdnix-data.lancedb', 'snapshots/fdnix-data.latest.json'],
    ['snapshots/{date}/fdnix-data.lancedb', 'snapshots/fdnix-data.latest.json'],
    ['snapshots/fdnix-{revision}.lancedb', 'snapshots/fdnix.latest.json'],
    ['main/{date}.lancedb', 'main/latest.json'],
    ['fdnix.lancedb', 'fdnix.latest.json'],
  ] as const) {
    assert.equal(latestKey(template), key);
  }
  assert.throws(
    () => checkKeys({ 's3.dataKey': 'x/{date}/a.lancedb', 's3.minifiedKey': 'x/a.lancedb' }),
    /would share 'x\/a\.latest\.json'/,
  );
});

test('paths that must not be written are refused, all others are not', () => {
  for (const path of [
    '',
    '/etc/passwd',
    '../x',
    'a/../b',
    'a/./b',
    'a//b',
    'a\\b',
    'C:x',
    'a\u0000b',
    'a\nb',
    'x'.repeat(256),
    '\ud800',
  ]) {
    assert.notEqual(pathProblem(path), null, JSON.stringify(path));
  }
  for (const pair of [
    ['Data/x', 'data/X'],
    ['\u00e9', 'e\u0301'],
    ['a', 'a/b'],
    ['A', 'a/b/c'],
  ]) {
    assert.throws(() => checkPaths(pair, 'there'), /there: refused, nothing was written/, pair.join());
  }
  const segment = fc.stringMatching(/^[a-z0-9_][a-z0-9_.-]{0,20}$/);
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
      assert.equal(pathProblem(segments.join('/')), null);
    }),
  );
});

test('an inventory comes back as it was written, whatever the order', () => {
  const entry = fc.record(
    {
      path: fc.stringMatching(/^[a-z]{1,8}\/[a-z0-9]{1,8}$/),
      size: fc.nat(),
      sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
      etag: fc.string(),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: ({ path }) => path }), (files) => {
      const bytes = serializeInventory('prefix', files);
      assert.deepEqual(serializeInventory('prefix', files.toReversed()), bytes);
      assert.deepEqual(
        parseInventory(bytes.toString(), 'test').toSorted((a, b) => (a.path < b.path ? -1 : 1)),
        files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      );
    }),
  );
  assert.throws(() => parseInventory('{"files":[{"path":"a"}]}', 'there'), /there: an entry of the inventory is not/);
  assert.throws(() => parseInventory('nonsense', 'there'), /there: the inventory is not JSON/);
});

test('a plan sends what is new, copies what another prefix has, leaves what is known, and asks about the rest', () => {
  const known: Known = {
    here: new Map([['t.lance/data/stay', [{ ...file('t.lance/data/stay'), etag: 'e1' }]]]),
    elsewhere: { prefix: 'old', files: new Map([['t.lance/data/copy', { ...file('t.lance/data/copy'), etag: 'e2' }]]) },
    versions: {},
  };
  const remote = new Map([
    ['t.lance/data/stay', object('p/stay', 'e1')],
    ['t.lance/data/doubt', object('p/doubt', 'e9')],
    ['t.lance/_refs/tags/v.json', object('p/ref', 'e8')],
  ]);
  const plan = planUpload(
    [
      file('t.lance/data/stay'),
      file('t.lance/data/copy'),
      file('t.lance/data/new'),
      file('t.lance/data/doubt'),
      file('t.lance/_refs/tags/v.json'),
    ],
    remote,
    known,
  );
  assert.deepEqual(
    plan.stay.map(({ path }) => path),
    ['t.lance/data/stay'],
  );
  assert.deepEqual(
    plan.copy.map(({ from }) => from),
    ['old/t.lance/data/copy'],
  );
  assert.deepEqual(
    plan.upload.map(({ path }) => path),
    ['t.lance/data/new', 't.lance/_refs/tags/v.json'],
  );
  assert.deepEqual(
    plan.doubtful.map(({ file: { path } }) => path),
    ['t.lance/data/doubt'],
  );
});

test('histories that parted are seen: another content of a version, or a version that is behind', () => {
  const path = manifest('t', 3n);
  const known: Known = {
    here: new Map([[path, [{ ...file(path, 'b'.repeat(64)), etag: '' }]]]),
    elsewhere: null,
    versions: { t: 3 },
  };
  assert.deepEqual(divergences([file(path)], known), ['version 3 of table t is published with another content']);
  assert.deepEqual(divergences([file(manifest('t', 2n))], { ...known, here: new Map() }), [
    'table t is published at version 3, the local one is at 2',
  ]);
  assert.deepEqual(divergences([file(manifest('t', 4n))], known), []);
});

test('the guard: shrinking beyond the limit, missing canaries, failed verification', () => {
  const rules = { maxShrink: 0.05, canaries: [] };
  const input = {
    counts: { packages: 95, edges: 100, vectors: 0 },
    published: { packages: 100, edges: 100, vectors: 50 },
    missing: [],
    problems: [],
  };
  assert.deepEqual(guardViolations(rules, input), [
    'vectors shrank by 100 %, from 50 to 0; 5 % is allowed (publish.guard.maxShrink)',
  ]);
  assert.deepEqual(
    guardViolations(rules, { ...input, published: null, missing: ['hello'], problems: ['files: torn'] }),
    ['verify: files: torn', 'packages that must be there are missing (publish.guard.canaries): hello'],
  );
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(1e6), fc.double({ min: 0, max: 1, noNaN: true }), (before, now, maxShrink) => {
      const found = guardViolations(
        { maxShrink, canaries: [] },
        { counts: { packages: now }, published: { packages: before }, missing: [], problems: [] },
      );
      assert.equal(found.length > 0, now < before && (before - now) / before > maxShrink);
    }),
  );
});

test('of works at once the first failure stops the others, and nothing runs on after it', async () => {
  const works = [
    (signal: AbortSignal): Promise<void> => sleep(60_000, undefined, { signal }),
    (): Promise<void> => Promise.reject(new Error('one failed')),
  ];
  await assert.rejects(together(new AbortController().signal, works), /one failed/);
  const done: string[] = [];
  const note = (name: string) => async (): Promise<void> => void done.push(name);
  await together(new AbortController().signal, [note('a'), note('b')]);
  assert.deepEqual(done, ['a', 'b']);
});

test('whatever is published and rolled back, as many snapshots are live as are kept, and the current one is among them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.boolean(), { maxLength: 15 }), (keep, steps) => {
      let latest: Latest = succeed(null, snapshot(1), keep);
      let number = 1;
      for (const publishes of steps) {
        number += 1;
        const back = publishes ? null : rolledBack(latest, snapshot(number).publishedAt);
        if (publishes) latest = succeed(latest, snapshot(number), keep);
        else if (back) latest = back.latest;
        const live = liveSnapshots(latest);
        assert.ok(live.length <= keep && live.length >= 1);
        assert.equal(latest.retiredAt, undefined);
        assert.equal(live[0]?.publishedAt, latest.publishedAt, 'nothing newer than the current one is live');
        const all = snapshotsOf(latest).map(({ inventory }) => inventory.key);
        assert.equal(new Set(all).size, all.length);
        parseLatest(JSON.stringify(latest), 'test');
      }
    }),
  );
});

test('a latest.json that is not ours is told apart from one that is too new', () => {
  assert.throws(() => parseLatest('{"version": 3}', 'there'), /there: not written by fdnix-indexer/);
  assert.throws(() => parseLatest('{"format": 2}', 'there'), /there: written by a newer fdnix-indexer/);
  assert.throws(() => parseLatest('{"format": 1, "others": []}', 'there'), /'prefix' of a snapshot is not a text/);
  assert.throws(() => parseLatest('<html>', 'there'), /there: not JSON/);
});

test('a window never runs more than its width, and stops starting after a failure', async () => {
  let [running, most, started] = [0, 0, 0];
  const work = async (item: number): Promise<void> => {
    started += 1;
    running += 1;
    most = Math.max(most, running);
    await new Promise((done) => setTimeout(done, 1));
    running -= 1;
    if (item === 20) throw new Error('twenty');
  };
  const items = Array.from({ length: 100 }, (_, index) => index);
  await assert.rejects(inWindow(items, 4, new AbortController().signal, work), /twenty/);
  assert.equal(most, 4);
  assert.ok(started < 30, `${started} started`);
  await assert.rejects(inWindow(items, 4, AbortSignal.abort(new Error('stop')), work), /stop/);
});

test('every failure names action and resource', () => {
  const call = {
    action: 's3:GetObject',
    resource: arnOf('b', 'k'),
    endpoint: 'http://x',
    endpointKey: 'aws.endpoints.s3',
    region: null,
    maxAttempts: 3,
    missing: 's3.bucket',
  };
  const failure = (name: string, status: number): Error =>
    serviceFailure(Object.assign(new Error('said'), { name, $metadata: { httpStatusCode: status } }), call);
  assert.match(failure('AccessDenied', 403).message, /no permission for s3:GetObject on arn:aws:s3:::b\/k/);
  assert.match(failure('403', 403).message, /no permission for s3:GetObject/);
  assert.match(
    failure('SignatureDoesNotMatch', 403).message,
    /s3:GetObject on arn:aws:s3:::b\/k: the credentials were rejected/,
  );
  assert.match(failure('RequestTimeTooSkewed', 403).message, /clock differs too much/);
  assert.match(failure('CredentialsProviderError', 0).message, /no AWS credentials were found/);
  assert.match(failure('InvalidRequest', 400).message, /the service answers 400 InvalidRequest: said/);
});

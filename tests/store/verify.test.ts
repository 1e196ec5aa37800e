import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { verifyDataset } from '../../src/store/verify/verify.ts';
import { runInProcess } from '../support/in-process.ts';

const sample = fileURLToPath(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url));
const base = await mkdtemp(join(tmpdir(), 'fdnix-verify-'));
after(() => rm(base, { recursive: true, force: true }));
const sets = [
  'nixpkgs.source=jsonl',
  `nixpkgs.path=${sample}`,
  'output.path=main',
  'output.minifiedPath=mini',
  'embedding.provider=none',
].flatMap((set) => ['--set', set.replace(/=(main|mini)$/, `=${base}/$1`)]);
await runInProcess(['run', ...sets], base);

type Kind = 'main' | 'mini';

async function largest(directory: string): Promise<string> {
  const names = await readdir(directory, { recursive: true });
  const sized = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const found = await stat(path);
      return { path, size: found.isFile() ? found.size : -1 };
    }),
  );
  const files = sized.toSorted((one, other) => other.size - one.size);
  return files[0]?.path ?? assert.fail(`${directory} is empty`);
}

async function change(
  path: string,
  table: string,
  how: (table: Awaited<ReturnType<typeof openTable>>) => Promise<unknown>,
) {
  const connection = await connectDataset(path);
  await how(await openTable(connection, table));
  connection.close();
}

const firstRow = async (table: Awaited<ReturnType<typeof openTable>>) => table.query().limit(1).toArrow();

const damages: [name: string, kinds: Kind[], damage: (path: string) => Promise<unknown>, problem: RegExp][] = [
  [
    'a data file is gone',
    ['main', 'mini'],
    async (path) => rm(await largest(join(path, 'packages.lance/data'))),
    /^files: packages\.lance\/data\/\w+\.lance is missing$/m,
  ],
  [
    'an index file is cut',
    ['main', 'mini'],
    async (path) => truncate(await largest(join(path, 'packages.lance/_indices')), 100),
    /^files: packages\.lance\/_indices\/\S+ has 100 bytes, not \d+$/m,
  ],
  [
    'a manifest is cut',
    ['main', 'mini'],
    async (path) => truncate(await largest(join(path, 'dependencies.lance/_versions')), 40),
    /^files: dependencies\.lance: \S+ is no Lance manifest, or was cut off$/m,
  ],
  [
    'all manifests are gone',
    ['main', 'mini'],
    async (path) => rm(join(path, 'packages.lance/_versions'), { recursive: true }),
    /^files: packages\.lance: /m,
  ],
  [
    'a table is gone',
    ['main'],
    async (path) => rm(join(path, 'errors.lance'), { recursive: true }),
    /^tables: there is no table errors$/m,
  ],
  [
    'dependencies are gone',
    ['mini'],
    async (path) => rm(join(path, 'dependencies.lance'), { recursive: true }),
    /^tables: there is no table dependencies$/m,
  ],
  [
    'all that tells a main dataset is gone',
    ['main'],
    async (path) =>
      Promise.all(
        ['errors', 'runs', 'clusters', 'versions'].map((name) => rm(join(path, `${name}.lance`), { recursive: true })),
      ),
    /^tables: there is no table runs$/m,
  ],
  [
    'a row stands twice',
    ['main', 'mini'],
    (path) => change(path, 'packages', async (table) => table.add(await firstRow(table))),
    /^packages: package_id \S+ stands in packages more than once\n(.*\n)*indexes: the index on description lacks rows/m,
  ],
  [
    'a package is gone',
    ['main', 'mini'],
    (path) => change(path, 'packages', (table) => table.delete("package_id = 'openssl'")),
    /^dependencies: openssl stands in dependencies and not in packages$/m,
  ],
  [
    'a row of dependencies is gone',
    ['main', 'mini'],
    (path) => change(path, 'dependencies', (table) => table.delete("package_id = 'openssl'")),
    /^dependencies: openssl has no row in dependencies$/m,
  ],
  [
    'an error is gone',
    ['main'],
    (path) => change(path, 'errors', (table) => table.delete('true')),
    /^systems: x86_64-linux: errors has 0 rows, the run counted 4$/m,
  ],
  [
    'indexes are gone',
    ['main', 'mini'],
    (path) =>
      change(path, 'packages', async (table) => {
        for (const { name } of await table.listIndices()) await table.dropIndex(name);
      }),
    /^indexes: packages has no full-text index$/m,
  ],
  [
    'has_embedding lies',
    ['main', 'mini'],
    (path) => change(path, 'packages', (table) => table.update({ valuesSql: { has_embedding: 'true' } })),
    /^embeddings: has_embedding is true for 218 packages, and there is no column vector$/m,
  ],
];

test('whole datasets pass', async () => {
  for (const kind of ['main', 'mini']) {
    const { ok, checks } = await verifyDataset(join(base, kind));
    assert.ok(ok, JSON.stringify(checks));
  }
});

for (const [name, kinds, damage, problem] of damages) {
  for (const kind of kinds) {
    test(`${name} (${kind})`, async () => {
      const path = join(base, 'damaged');
      await rm(path, { recursive: true, force: true });
      await cp(join(base, kind), path, { recursive: true, dereference: true });
      await damage(path);
      const { ok, checks } = await verifyDataset(path);
      assert.equal(ok, false);
      assert.match(
        checks.flatMap((check) => check.problems.map((text) => `${check.name}: ${text}`)).join('\n'),
        problem,
      );
    });
  }
}

test('nothing is written on top of a damaged dataset', async () => {
  const path = join(base, 'main');
  const lost = await largest(join(path, 'dependencies.lance/data/'));
  await rm(lost);
  await assert.rejects(
    runInProcess(['run', '--force', '--mode', 'metadata', ...sets], base),
    /main is damaged: dependencies\.lance\/data\/\w+\.lance is missing\. Put a whole copy in its place, or move .*\/main and .*\/\.main\.d away and run again$/,
  );
});

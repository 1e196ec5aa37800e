import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RecordBatch } from 'apache-arrow';
import { inputKinds } from '../../src/model.ts';
import { Workers } from '../../src/phases/workers.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { none } from '../../src/store/growable.ts';
import { dependencyHashes } from '../../src/store/metadata/dependencies.ts';
import { dependencyBatches, type DependencyOrder } from '../../src/store/metadata/dependency-batches.ts';
import { makerOn, writeAllDependencies } from '../../src/store/metadata/dependency-writer.ts';
import type { SystemInputs } from '../../src/store/metadata/system-inputs.ts';
import { plain } from '../../src/store/scan.ts';
import { TextPool } from '../../src/store/texts/pool.ts';
import { temporaryDirectory } from '../support/directory.ts';

/** So many packages, each with all of them and one that is no package as inputs: enough for a thread from 224 on. */
function everyNeedsAll(packages: number): SystemInputs {
  const ids = Array.from({ length: packages }, (_, index) => `package-${index}`);
  const each = packages + 1;
  const [attributes, texts, drvPaths] = [new TextPool(), new TextPool(), new TextPool()];
  const inputs = [...ids, 'source-1.0'].map((name) => drvPaths.idOf(`/nix/store/${'0'.repeat(32)}-${name}.drv`));
  return {
    system: 'x86_64-linux',
    attributeOf: Uint32Array.from(ids, (id) => attributes.idOf(id)),
    rows: Uint32Array.from(ids.keys()),
    names: Uint32Array.from(ids, (id) => texts.idOf(id)),
    versions: Uint32Array.from(ids, (_, index) => (index % 2 === 0 ? none : texts.idOf(`${index}.0`))),
    inputs: Uint32Array.from({ length: packages * each }, (_, index) => inputs[index % each] ?? none),
    ends: Uint32Array.from(
      { length: packages * inputKinds.length },
      (_, index) => Math.floor(index / inputKinds.length) * each + (index % inputKinds.length === 0 ? packages : each),
    ),
    targets: Uint32Array.from({ length: each }, (_, index) => (index < packages ? index : none)),
    attributes: attributes.shared(),
    texts: texts.shared(),
    drvPaths: drvPaths.shared(),
  };
}

function order(json: string): DependencyOrder {
  const head = { nixpkgs_version: null, revision: null, system: 'x86_64-linux', total_packages: 240, generated_at: '' };
  return {
    systems: [everyNeedsAll(240)],
    json: { path: json, head, lastUpdated: new Float64Array(240).fill(86_400_000) },
  };
}

async function rowsOf(batches: AsyncIterable<RecordBatch>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of batches) for (const row of batch) rows.push(plain(row));
  return rows;
}

const thread = () => new Workers().forBatches();

test('a row is another when two of its inputs become one derivation under the same name', async () => {
  // Both derivations lead to the first package; the other system knows but one of them.
  const two = { ...everyNeedsAll(2), targets: Uint32Array.of(0, 0, none) };
  const one = { ...two, inputs: two.inputs.map((input) => (input === 1 ? 0 : input)) };
  const [before, after] = await Promise.all(
    [two, one].map(async (system) => {
      const [row] = await rowsOf(dependencyBatches({ systems: [system], json: null }));
      return row as { build_inputs: string[]; total_dependencies: number; row_hash: string };
    }),
  );
  assert.deepEqual(after?.build_inputs, before?.build_inputs);
  assert.deepEqual([before?.total_dependencies, after?.total_dependencies], [3, 2]);
  assert.notEqual(after?.row_hash, before?.row_hash);
});

test('what a thread makes is what this one makes', async (t) => {
  const folder = await temporaryDirectory(t);
  const [one, other] = [join(folder, 'one.json'), join(folder, 'other.json')];
  const rows = await rowsOf(dependencyBatches(order(one)));
  assert.equal(rows.length, 240);
  const maker = makerOn(new Workers().forBatches());
  t.after(() => maker.stop());
  assert.deepEqual(await rowsOf(maker.make(order(other))), rows);
  assert.deepEqual(await rowsOf(maker.make({ ...order(other), json: null })), rows, 'once more');
  assert.equal(await readFile(other, 'utf8'), await readFile(one, 'utf8'));
});

test('rows made in a thread become the table, and the same rows change nothing', async (t) => {
  const folder = await temporaryDirectory(t);
  const connection = await connectDataset(join(folder, 'data'), { create: true });
  assert.equal(await writeAllDependencies(connection, order(join(folder, 'd.json')), null, thread()), 240);
  const table = await openTable(connection, 'dependencies');
  const version = await table.version();
  const hashes = await dependencyHashes(connection);
  assert.equal(await writeAllDependencies(connection, order(join(folder, 'd.json')), hashes, thread()), 0);
  assert.equal(await table.countRows(), 240);
  assert.equal(await (await openTable(connection, 'dependencies')).version(), version);
});

test('an error in the thread keeps its message and its code', async (t) => {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'file');
  await writeFile(file, '');
  const connection = await connectDataset(join(folder, 'data'), { create: true });
  await assert.rejects(writeAllDependencies(connection, order(join(file, 'd.json')), null, thread()), {
    code: 'EEXIST',
    message: /d\.json|file/,
  });
});

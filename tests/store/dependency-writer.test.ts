import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inputKinds } from '../../src/model.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { none } from '../../src/store/growable.ts';
import { writeAllDependencies, writeHere, type DependencyOrder } from '../../src/store/metadata/dependency-writer.ts';
import type { SystemInputs } from '../../src/store/metadata/system-inputs.ts';
import { scanRows } from '../../src/store/scan.ts';
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

async function order(directory: string, json: string): Promise<DependencyOrder> {
  await connectDataset(directory, { create: true });
  const head = { nixpkgs_version: null, revision: null, system: 'x86_64-linux', total_packages: 240, generated_at: '' };
  return {
    directory,
    systems: [everyNeedsAll(240)],
    json: { path: json, head, lastUpdated: new Float64Array(240).fill(86_400_000) },
  };
}

async function tableOf(directory: string): Promise<object[]> {
  return Array.fromAsync(scanRows<object>(await openTable(await connectDataset(directory), 'dependencies')));
}

test('what a thread writes is what this one writes', async (t) => {
  const [here, there] = [await temporaryDirectory(t), await temporaryDirectory(t)];
  const [one, other] = [join(here, 'd.json'), join(there, 'd.json')];
  assert.equal(await writeHere(await order(here, one)), 240);
  assert.equal(await writeAllDependencies(await order(there, other)), 240);
  const rows = await tableOf(there);
  assert.equal(rows.length, 240);
  assert.deepEqual(rows, await tableOf(here));
  assert.equal(await readFile(other, 'utf8'), await readFile(one, 'utf8'));
});

test('an error in the thread keeps its message and its code', async (t) => {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'file');
  await writeFile(file, '');
  await assert.rejects(writeAllDependencies(await order(join(folder, 'data'), join(file, 'd.json'))), {
    code: 'EEXIST',
    message: /d\.json|file/,
  });
});

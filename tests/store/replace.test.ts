import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { batchesOf } from '../../src/store/batch.ts';
import { int32, utf8 } from '../../src/store/column.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { replaceIfChanged } from '../../src/store/replace.ts';
import { scanRows } from '../../src/store/scan.ts';
import type { TableSpec } from '../../src/store/table.ts';
import { mergeRows, overwriteTable } from '../../src/store/write.ts';
import { temporaryDirectory } from '../support/directory.ts';

interface Row {
  name: string;
  size: number;
}

const spec: TableSpec = {
  name: 'small',
  columns: { name: { type: utf8, doc: '' }, size: { type: int32, doc: '' } },
};

function byName(a: Row, b: Row): number {
  return a.name < b.name ? -1 : 1;
}

function rowsOf(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({ name: `row ${index}`, size: index }));
}

test('few changed rows leave the files of the others, many write the table anew, none writes nothing', async (t) => {
  const folder = await temporaryDirectory(t);
  const connection = await connectDataset(folder, { create: true });
  const files = async (): Promise<string[]> => await readdir(join(folder, 'small.lance', 'data'));
  const read = async (): Promise<Row[]> =>
    (await Array.fromAsync(scanRows<Row>(await openTable(connection, 'small')))).map(({ name, size }) => ({
      name,
      size,
    }));
  const rows = rowsOf(100);
  await replaceIfChanged(connection, spec, rows, 'name');
  const first = await files();
  const versions = async (): Promise<number> => await (await openTable(connection, 'small')).version();
  const before = await versions();
  await replaceIfChanged(connection, spec, rows.toReversed(), 'name');
  assert.equal(await versions(), before, 'the same rows in another order are no change');

  const next = [...rows.slice(2), { name: "row 'new", size: -1 }].map((row) =>
    row.size === 50 ? { name: row.name, size: 5000 } : row,
  );
  await replaceIfChanged(connection, spec, next, 'name');
  assert.deepEqual((await read()).toSorted(byName), next.toSorted(byName));
  assert.ok((await files()).includes(first[0] ?? ''));

  const others = next.map(({ name, size }) => ({ name, size: size + 1 }));
  await replaceIfChanged(connection, spec, others, 'name');
  assert.deepEqual(await read(), others);
  assert.equal((await files()).length, 1);
});

test('without a key the table is written anew, and rows that are there twice are counted', async (t) => {
  const connection = await connectDataset(await temporaryDirectory(t), { create: true });
  const [a, b] = rowsOf(2);
  assert.ok(a && b);
  for (const rows of [[a, a, b], [a, b, b], [a, b], [b]]) {
    await replaceIfChanged(connection, spec, rows, null);
    const found = await Array.fromAsync(scanRows<Row>(await openTable(connection, 'small')));
    assert.deepEqual(
      found.map(({ name }) => name),
      rows.map(({ name }) => name),
    );
  }
});

test('the first changes of a table that was written in many parts leave these as they are', async (t) => {
  const folder = await temporaryDirectory(t);
  const connection = await connectDataset(folder, { create: true });
  const rows = rowsOf(900);
  const write = async (start: number, end: number): Promise<void> =>
    await mergeRows(
      connection,
      spec,
      ['name'],
      await Array.fromAsync(batchesOf(spec, rows.slice(start, end))),
      [],
      end,
    );
  await overwriteTable(connection, spec, batchesOf(spec, rows.slice(0, 100)));
  for (let start = 100; start < 800; start += 100) await write(start, start + 100);
  const before = await readdir(join(folder, 'small.lance', 'data'));
  assert.equal(before.length, 8);
  await write(790, 810);
  const after = await readdir(join(folder, 'small.lance', 'data'));
  assert.deepEqual(
    before.filter((file) => !after.includes(file)),
    [],
  );
});

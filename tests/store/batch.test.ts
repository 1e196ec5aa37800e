import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batchesOf } from '../../src/store/batch.ts';
import {
  bool,
  float32,
  float64,
  int32,
  list,
  struct,
  timestamp,
  utf8,
  vector,
  type ColumnType,
} from '../../src/store/column.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { projectBatches } from '../../src/store/project.ts';
import { scanBatches, scanRows } from '../../src/store/scan.ts';
import { schemaOf, type TableSpec } from '../../src/store/table.ts';
import { mergeRows, overwriteTable, sqlText } from '../../src/store/write.ts';
import { temporaryDirectory } from '../support/directory.ts';

const column = (type: ColumnType, nullable = true) => ({ type, nullable, doc: '' });
const person = struct({ name: utf8, id: int32 });
const tagged = struct({ name: utf8, tags: list(utf8) });

const spec: TableSpec = {
  name: 'all',
  columns: {
    key: column(utf8, false),
    text: column(utf8),
    flag: column(bool),
    whole: column(int32),
    single: column(float32),
    double: column(float64),
    time: column(timestamp),
    texts: column(list(utf8)),
    numbers: column(list(int32)),
    tagged: column(tagged),
    people: column(list(person)),
    nested: column(list(list(utf8))),
    vector: column(vector(4)),
    half: column(vector(4, 'float16')),
  },
};

const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const text = fc.string({ unit: 'binary', maxLength: 12 });
const personValue = fc.record({
  name: optional(text),
  id: optional(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
});
const taggedValue = fc.record({
  name: optional(text),
  tags: optional(fc.array(optional(text), { maxLength: 3 })),
});
const halves = fc.array(fc.constantFrom(0, 1, -2, 0.5, 1024, -0.25), { minLength: 4, maxLength: 4 });
const single = fc.float({ noNaN: true, noDefaultInfinity: true });

const row = fc.record({
  text: optional(text),
  flag: optional(fc.boolean()),
  whole: optional(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  single: optional(single),
  double: optional(fc.double({ noNaN: true })),
  time: optional(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })),
  texts: optional(
    fc.oneof(fc.array(optional(text), { maxLength: 4 }), fc.array(text, { maxLength: 4 }).map(Object.freeze)),
  ),
  numbers: optional(fc.array(optional(fc.integer({ min: -100, max: 100 })), { maxLength: 4 })),
  tagged: optional(taggedValue),
  people: optional(fc.array(optional(personValue), { maxLength: 3 })),
  nested: optional(fc.array(optional(fc.array(text, { maxLength: 2 })), { maxLength: 3 })),
  vector: optional(fc.array(single, { minLength: 4, maxLength: 4 })),
  half: optional(halves),
});

/** What a reader is to get for a row: numbers as they are in their column's precision, -0 as 0. */
function expected(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (ArrayBuffer.isView(value)) return expected([...(value as unknown as Iterable<number>)]);
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value === 'number') return value + 0;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, expected(field)]));
}

test('rows of every column type come back from LanceDB as they were', async (t) => {
  const connection = await connectDataset(await temporaryDirectory(t));
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), async (values, size) => {
      const rows = values.map((value, index) => ({ key: String(index), ...value }));
      assert.equal(await overwriteTable(connection, spec, batchesOf(spec, rows, size)), rows.length);
      const table = await openTable(connection, spec.name);
      const found = await Array.fromAsync(scanRows<object>(table));
      assert.deepEqual(found.map(expected), rows.map(expected));
    }),
    { numRuns: 25 },
  );
  connection.close();
});

test('no column holds what Lance cannot give back: lists in structs in lists', () => {
  assert.throws(() => list(tagged), /lose texts/);
});

test('more values than a buffer begins with', async (t) => {
  const connection = await connectDataset(await temporaryDirectory(t));
  const rows = Array.from({ length: 5000 }, (_, index) => ({
    key: '語'.repeat(index % 50),
    texts: Array.from({ length: index % 9 }, () => 'x'.repeat(index % 300)),
    flag: index % 3 === 0 ? null : index % 2 === 0,
    vector: index % 2 === 0 ? null : [index, 1, 2, 3],
  }));
  await overwriteTable(connection, spec, batchesOf(spec, rows, 5000));
  const found = await Array.fromAsync(scanRows<object>(await openTable(connection, spec.name)));
  const none = Object.keys(spec.columns).map((name): [string, null] => [name, null]);
  const wanted = rows.map((one) => Object.assign(Object.fromEntries(none), one));
  assert.deepEqual(found.map(expected), wanted.map(expected));
  connection.close();
});

test('the schema on disk is that of the spec, metadata and all; versions go on', async (t) => {
  const connection = await connectDataset(await temporaryDirectory(t));
  await overwriteTable(connection, spec, [], { revision: 'abc' });
  const first = await openTable(connection, spec.name);
  const schema = await first.schema();
  assert.equal(String(schema), String(schemaOf(spec)));
  assert.deepEqual(Object.fromEntries(schema.metadata), { schema_version: '1', revision: 'abc' });
  const before = await first.version();
  await overwriteTable(connection, spec, batchesOf(spec, [{ key: 'a' }]));
  const second = await openTable(connection, spec.name);
  assert.ok((await second.version()) > before);
  assert.equal(await second.countRows(), 1);
  connection.close();
});

test('merging: rows are replaced, added and removed, whatever stands in their keys', async (t) => {
  const connection = await connectDataset(await temporaryDirectory(t));
  const keys = fc.uniqueArray(fc.oneof(text, fc.constantFrom("it's", "''", '\\', '"', '%', '--', ';', '\n', 'é')), {
    minLength: 3,
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(keys, async (names) => {
      await overwriteTable(
        connection,
        spec,
        batchesOf(
          spec,
          names.map((key) => ({ key, whole: 1 })),
        ),
      );
      const [gone = '', changed = '', ...others] = names;
      const fresh = `${names.join('')}+`;
      const batches = await Array.fromAsync(
        batchesOf(spec, [
          { key: changed, whole: 2 },
          { key: fresh, whole: 3 },
        ]),
      );
      await mergeRows(connection, spec, ['key'], batches, [`key = ${sqlText(gone)}`], names.length);
      const found = await Array.fromAsync(
        scanRows<{ key: string; whole: number }>(await openTable(connection, spec.name)),
      );
      const values = Object.fromEntries(found.map(({ key, whole }) => [`k${key}`, whole]));
      const wanted = [[changed, 2] as const, [fresh, 3] as const, ...others.map((key) => [key, 1] as const)];
      assert.deepEqual(values, Object.fromEntries(wanted.map(([key, whole]) => [`k${key}`, whole])));
    }),
    { numRuns: 8 },
  );
  connection.close();
});

test('a write that does not arrive is told', async (t) => {
  const connection = await connectDataset(await temporaryDirectory(t));
  await overwriteTable(connection, spec, batchesOf(spec, [{ key: 'a' }]));
  await assert.rejects(mergeRows(connection, spec, ['key'], [], [], 7), /holds 1 rows after a write, not 7/);
  connection.close();
});

test('a projection takes columns over and makes others', async (t) => {
  const connection = await connectDataset(await temporaryDirectory(t));
  const rows = [
    { key: 'a', texts: ['x', null, 'y'] },
    { key: 'b', texts: [] },
    { key: 'c', texts: ['z'] },
  ];
  await overwriteTable(connection, spec, batchesOf(spec, rows));
  const target: TableSpec = { name: 'target', columns: { key: column(utf8), count: column(int32) } };
  const derived = { count: { from: 'texts', value: (value: unknown) => (value as unknown[]).length } };
  const table = await openTable(connection, spec.name);
  const batches = await Array.fromAsync(projectBatches(scanBatches(table), target, derived));
  const found = batches.flatMap((batch) =>
    batch.toArray().map((one): object => Object.fromEntries(Object.entries(one.toJSON() as object))),
  );
  assert.deepEqual(found, [
    { key: 'a', count: 3 },
    { key: 'b', count: 0 },
    { key: 'c', count: 1 },
  ]);
  const missing = { name: 'x', columns: { none: column(utf8) } };
  await assert.rejects(
    Array.fromAsync(projectBatches(scanBatches(table), missing, {})),
    /table x of the main dataset has no column none: .*run the metadata phase again/,
  );
  connection.close();
});

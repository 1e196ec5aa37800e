import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { arrow } from '../../src/store/arrow.ts';
import { BatchBuilder } from '../../src/store/batch.ts';
import { concatBatches } from '../../src/store/concat.ts';
import { bool, float64, int32, list, struct, timestamp, utf8, vector } from '../../src/store/column.ts';
import { plain } from '../../src/store/scan.ts';
import { schemaOf, type TableSpec } from '../../src/store/table.ts';

const item = struct({ name: utf8, free: bool, count: int32 });
const spec: TableSpec = {
  name: 'all',
  columns: {
    text: { type: utf8, nullable: true, doc: '' },
    flag: { type: bool, nullable: true, doc: '' },
    whole: { type: int32, nullable: true, doc: '' },
    real: { type: float64, nullable: true, doc: '' },
    time: { type: timestamp, nullable: true, doc: '' },
    texts: { type: list(utf8), nullable: true, doc: '' },
    items: { type: list(item), nullable: true, doc: '' },
    nested: { type: struct({ one: item, all: list(list(int32)) }), nullable: true, doc: '' },
    vector: { type: vector(3), nullable: true, doc: '' },
  },
};

const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const anItem = fc.record({
  name: orNull(fc.string()),
  free: orNull(fc.boolean()),
  count: orNull(fc.integer({ min: -9, max: 9 })),
});
const aRow = fc.record({
  text: orNull(fc.string({ unit: 'binary' }).map((text) => text.toWellFormed())),
  flag: orNull(fc.boolean()),
  whole: orNull(fc.integer({ min: -1000, max: 1000 })),
  real: orNull(fc.integer().map((x) => x / 8)),
  time: orNull(fc.integer({ min: 0, max: 1e9 }).map((ms) => new Date(ms))),
  texts: orNull(fc.array(orNull(fc.string()))),
  items: orNull(fc.array(orNull(anItem))),
  nested: orNull(
    fc.record({ one: orNull(anItem), all: orNull(fc.array(orNull(fc.array(orNull(fc.integer({ min: 0, max: 9 })))))) }),
  ),
  vector: orNull(fc.tuple(fc.integer(), fc.integer(), fc.integer()).map((values) => Float32Array.from(values))),
});

function batchOf(rows: object[]) {
  const builder = new BatchBuilder(spec);
  for (const row of rows) builder.append(row);
  return builder.finish();
}

function show(_: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
}

function rowsOf(batches: Iterable<object>[]): string[] {
  return batches.flatMap((batch) => Array.from(batch, (row) => JSON.stringify(plain(row), show)));
}

describe('concatBatches', () => {
  it('has the rows of its parts, in their order, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.array(aRow, { maxLength: 20 }), { minLength: 1, maxLength: 4 }), (parts) => {
        const batches = parts.map(batchOf);
        assert.deepEqual(rowsOf([concatBatches(schemaOf(spec), batches)]), rowsOf(batches));
      }),
    );
  });

  it('takes batches that went through Arrow’s stream format, and slices of them', () => {
    fc.assert(
      fc.property(fc.array(aRow, { minLength: 4, maxLength: 30 }), (rows) => {
        const stream = arrow.tableToIPC(new arrow.Table(schemaOf(spec), [batchOf(rows), batchOf(rows)]), 'stream');
        const { batches } = arrow.tableFromIPC(stream);
        const sliced = [...batches, ...batches.map((batch) => batch.slice(1, 3))];
        assert.deepEqual(rowsOf([concatBatches(schemaOf(spec), sliced)]), rowsOf(sliced));
      }),
      { numRuns: 50 },
    );
  });
});

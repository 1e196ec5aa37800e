import type { Data, RecordBatch } from 'apache-arrow';
import { KnownError } from '../errors.ts';
import { arrow } from './arrow.ts';
import { columnBuilder } from './builder.ts';
import { plain } from './scan.ts';
import { schemaOf, type TableSpec } from './table.ts';

/** Makes a column's value from the values of another one. */
export interface DerivedColumn {
  from: string;
  value: (source: unknown) => unknown;
}

/**
 * Batches with the columns of another table: those of the same name are taken over as they are, without a copy, the
 * `derived` ones made value by value.
 */
export async function* projectBatches(
  batches: AsyncIterable<RecordBatch>,
  spec: TableSpec,
  derived: Record<string, DerivedColumn>,
): AsyncGenerator<RecordBatch> {
  for await (const batch of batches) yield projectBatch(batch, spec, derived);
}

function projectBatch(batch: RecordBatch, spec: TableSpec, derived: Record<string, DerivedColumn>): RecordBatch {
  const schema = schemaOf(spec);
  const children = Object.entries(spec.columns).map(([name, column]): Data => {
    const rule = derived[name];
    const source = batch.getChild(rule?.from ?? name);
    if (source === null) {
      throw new KnownError(
        `table ${spec.name} of the main dataset has no column ${rule?.from ?? name}: another version of this tool made it; run the metadata phase again`,
      );
    }
    const [data] = source.data;
    if (rule === undefined && data !== undefined) return data;
    const builder = columnBuilder(column.type);
    for (const value of source) builder.append(rule?.value(plain(value)));
    return builder.finish();
  });
  const type = new arrow.Struct(schema.fields);
  return new arrow.RecordBatch(schema, arrow.makeData({ type, length: batch.numRows, nullCount: 0, children }));
}

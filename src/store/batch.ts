import type { RecordBatch, Schema } from 'apache-arrow';
import { arrow } from './arrow.ts';
import { columnBuilder, type ColumnBuilder } from './builder.ts';
import { schemaOf, type TableSpec } from './table.ts';

/** Turns rows, objects with the columns' names, into Arrow record batches. */
export class BatchBuilder {
  readonly schema: Schema;
  readonly #columns: [name: string, builder: ColumnBuilder][];
  rows = 0;

  constructor(spec: TableSpec) {
    this.schema = schemaOf(spec);
    this.#columns = Object.entries(spec.columns).map(([name, column]) => [name, columnBuilder(column.type)]);
  }

  /** Adds a row; a column that the row does not have is null. */
  append(row: object): void {
    const values = row as Record<string, unknown>;
    for (const [name, builder] of this.#columns) builder.append(values[name]);
    this.rows += 1;
  }

  /** About how many bytes the rows so far take. */
  get byteLength(): number {
    return this.#columns.reduce((sum, [, builder]) => sum + builder.byteLength, 0);
  }

  /** The rows so far as a batch; the builder is empty afterwards. */
  finish(): RecordBatch {
    const children = this.#columns.map(([, builder]) => builder.finish());
    const type = new arrow.Struct(this.schema.fields);
    const data = arrow.makeData({ type, length: this.rows, nullCount: 0, children });
    this.rows = 0;
    return new arrow.RecordBatch(this.schema, data);
  }
}

/** Rows as batches of at most `size` rows. */
export async function* batchesOf(
  spec: TableSpec,
  rows: AsyncIterable<object> | Iterable<object>,
  size = 8192,
): AsyncGenerator<RecordBatch> {
  const builder = new BatchBuilder(spec);
  for await (const row of rows) {
    builder.append(row);
    if (builder.rows >= size) yield builder.finish();
  }
  if (builder.rows > 0) yield builder.finish();
}

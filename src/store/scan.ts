import type { Table } from '@lancedb/lancedb';
import type { RecordBatch, Vector } from 'apache-arrow';
import { arrow } from './arrow.ts';

/** What of a table is read: all columns and rows where nothing else is said. */
export interface ScanOptions {
  columns?: string[];
  /** An SQL condition. */
  where?: string;
}

/** A table's rows as Arrow batches, as they come. */
export async function* scanBatches(table: Table, options: ScanOptions = {}): AsyncGenerator<RecordBatch> {
  let query = table.query();
  if (options.columns) query = query.select(options.columns);
  if (options.where !== undefined) query = query.where(options.where);
  for await (const batch of query) yield batch;
}

/** A table's rows as plain objects, lists as arrays, structs as objects, timestamps as milliseconds, one by one. */
export async function* scanRows<Row>(table: Table, options: ScanOptions = {}): AsyncGenerator<Row> {
  for await (const batch of scanBatches(table, options)) {
    for (const row of batch) yield plain(row) as Row;
  }
}

/** An Arrow value as plain JavaScript. */
export function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? Number(value) : value;
  if (ArrayBuffer.isView(value) || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof arrow.Vector) return plainItems(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON());
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

/** Typed arrays as they are, where they can tell: not which values are null, and not what half precision stands for. */
function plainItems(items: Vector): unknown {
  const values = items.toArray() as Iterable<unknown>;
  if (items.nullCount > 0 || !ArrayBuffer.isView(values)) return Array.from(items as Iterable<unknown>, plain);
  if (!(values instanceof Uint16Array) || !arrow.DataType.isFloat(items.type)) return values;
  return Float32Array.from(values, (half) => arrow.util.uint16ToFloat64?.(half) ?? Number.NaN);
}

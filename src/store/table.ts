import type { Schema } from 'apache-arrow';
import { arrow } from './arrow.ts';
import { arrowType, type ColumnType } from './column.ts';

/** The version of the dataset's contract; it rises when a reader of an older one could misread a newer one. */
export const schemaVersion = 1;

/** A column: its type, whether null may stand in it, and what it holds, as docs/dataset.md says it. */
export interface Column {
  type: ColumnType;
  nullable?: boolean;
  doc: string;
  /** What the field itself tells readers, such as the model that made a vector. */
  metadata?: Record<string, string>;
}

/** A table of the dataset: its name and its columns, in order. */
export interface TableSpec {
  name: string;
  columns: Record<string, Column>;
}

/** The Arrow schema of a table, with `schema_version` and `extra` in its metadata. */
export function schemaOf(spec: TableSpec, extra: Record<string, string> = {}): Schema {
  const fields = Object.entries(spec.columns).map(
    ([name, { type, nullable = false, metadata = {} }]) =>
      new arrow.Field(name, arrowType(type), nullable, new Map(Object.entries(metadata))),
  );
  const metadata = new Map([['schema_version', String(schemaVersion)], ...Object.entries(extra)]);
  return new arrow.Schema(fields, metadata);
}

import type { DataType } from 'apache-arrow';
import { arrow } from './arrow.ts';

/** The type of a column, as it is declared in a table's spec. */
export type ColumnType =
  | { kind: 'utf8' | 'bool' | 'int32' | 'float32' | 'float64' | 'timestamp' | 'binary' }
  | { kind: 'list'; item: ColumnType }
  | { kind: 'struct'; fields: Record<string, ColumnType> }
  | { kind: 'vector'; dimensions: number; float: 'float16' | 'float32' };

export const utf8: ColumnType = { kind: 'utf8' };
export const bool: ColumnType = { kind: 'bool' };
export const int32: ColumnType = { kind: 'int32' };
export const float32: ColumnType = { kind: 'float32' };
export const float64: ColumnType = { kind: 'float64' };
/** A point in time in UTC, in microseconds. Rows hold it as a Date. */
export const timestamp: ColumnType = { kind: 'timestamp' };
export const struct = (fields: Record<string, ColumnType>): ColumnType => ({ kind: 'struct', fields });
export const vector = (dimensions: number, float: 'float16' | 'float32' = 'float32'): ColumnType => ({
  kind: 'vector',
  dimensions,
  float,
});

/**
 * A list. Not of structs with lists in them: lance-encoding 7.0.0 gives back an empty text for the one in
 * `[null, null, [], [{t: null}], [{t: ['a']}, null, null]]`.
 */
export function list(item: ColumnType): ColumnType {
  if (item.kind === 'struct' && Object.values(item.fields).some(({ kind }) => kind === 'list')) {
    throw new TypeError('lists in structs in lists lose texts in Lance');
  }
  return { kind: 'list', item };
}

/** The Arrow type of a column; fields of structs and items of lists may be null. */
export function arrowType(type: ColumnType): DataType {
  switch (type.kind) {
    case 'utf8':
      return new arrow.Utf8();
    case 'bool':
      return new arrow.Bool();
    case 'int32':
      return new arrow.Int32();
    case 'float32':
      return new arrow.Float32();
    case 'float64':
      return new arrow.Float64();
    case 'binary':
      return new arrow.Binary();
    case 'timestamp':
      return new arrow.Timestamp(arrow.TimeUnit.MICROSECOND, 'UTC');
    case 'list':
      return new arrow.List(new arrow.Field('item', arrowType(type.item), true));
    case 'struct':
      return new arrow.Struct(
        Object.entries(type.fields).map(([name, field]) => new arrow.Field(name, arrowType(field), true)),
      );
    case 'vector': {
      const float = type.float === 'float16' ? new arrow.Float16() : new arrow.Float32();
      return new arrow.FixedSizeList(type.dimensions, new arrow.Field('item', float, true));
    }
  }
}

/** How a type is written in the documentation: `list<struct<type: utf8, url: utf8>>`. */
export function typeText(type: ColumnType): string {
  switch (type.kind) {
    case 'list':
      return `list<${typeText(type.item)}>`;
    case 'struct': {
      const fields = Object.entries(type.fields).map(([name, field]) => `${name}: ${typeText(field)}`);
      return `struct<${fields.join(', ')}>`;
    }
    case 'vector':
      return `fixed_size_list<${type.float}>[${type.dimensions}]`;
    case 'timestamp':
      return 'timestamp[us, UTC]';
    default:
      return type.kind;
  }
}

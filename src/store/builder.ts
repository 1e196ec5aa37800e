import type * as Arrow from 'apache-arrow';
import type { Data, DataType } from 'apache-arrow';
import { arrow } from './arrow.ts';
import { grown, Offsets, Validity } from './buffers.ts';
import { BytesBuilder } from './bytes-builder.ts';
import { arrowType, type ColumnType } from './column.ts';
import { sharedList } from './shared-list.ts';

/**
 * Collects the values of one column and hands them over as Arrow data. LanceDB's own conversion from row objects takes
 * several times as long as everything else in a run, hence these.
 */
export interface ColumnBuilder {
  append(value: unknown): void;
  /** The values so far; the builder is empty afterwards. */
  finish(): Data;
  /** About how many bytes the values so far take. */
  readonly byteLength: number;
}

/** A builder for a column's type. */
export function columnBuilder(type: ColumnType): ColumnBuilder {
  switch (type.kind) {
    case 'utf8':
    case 'binary':
      return new BytesBuilder(arrowType(type));
    case 'bool':
      return new BoolBuilder();
    case 'list':
      return new ListBuilder(arrowType(type), columnBuilder(type.item));
    case 'struct':
      return new StructBuilder(arrowType(type), type.fields);
    case 'vector':
      return new VectorBuilder(arrowType(type), type.dimensions, type.float);
    default:
      return new NumberBuilder(arrowType(type), type.kind);
  }
}

class BoolBuilder implements ColumnBuilder {
  readonly #validity = new Validity();
  readonly #values = new Validity();

  append(value: unknown): void {
    this.#validity.push(value !== null && value !== undefined);
    this.#values.push(value === true);
  }

  get byteLength(): number {
    return this.#values.length >> 3;
  }

  finish(): Data {
    const data = this.#values.finish().nullBitmap;
    return arrow.makeData({ type: new arrow.Bool(), ...this.#validity.finish(), data });
  }
}

class NumberBuilder implements ColumnBuilder {
  readonly #type: DataType;
  readonly #kind: 'int32' | 'float32' | 'float64' | 'timestamp';
  readonly #validity = new Validity();
  #values: number[] = [];

  constructor(type: DataType, kind: 'int32' | 'float32' | 'float64' | 'timestamp') {
    this.#type = type;
    this.#kind = kind;
  }

  append(value: unknown): void {
    this.#validity.push(value !== null && value !== undefined);
    this.#values.push(Number(value ?? 0));
  }

  get byteLength(): number {
    return this.#values.length * 8;
  }

  finish(): Data {
    const values = this.#values;
    this.#values = [];
    return arrow.makeData({
      type: this.#type as Arrow.Int32,
      ...this.#validity.finish(),
      data: this.#typed(values) as Int32Array,
    });
  }

  #typed(values: number[]) {
    switch (this.#kind) {
      case 'int32':
        return Int32Array.from(values);
      case 'float32':
        return Float32Array.from(values);
      case 'float64':
        return Float64Array.from(values);
      case 'timestamp':
        return BigInt64Array.from(values, (milliseconds) => BigInt(milliseconds) * 1000n);
    }
  }
}

/** Lists; frozen ones, which hold texts alone, are taken to be shared by many rows. */
class ListBuilder implements ColumnBuilder {
  readonly #type: DataType;
  readonly #validity = new Validity();
  readonly #offsets = new Offsets();
  readonly #child: ColumnBuilder;
  #length = 0;

  constructor(type: DataType, child: ColumnBuilder) {
    this.#type = type;
    this.#child = child;
  }

  append(value: unknown): void {
    const items = value as readonly unknown[] | null | undefined;
    this.#validity.push(items !== null && items !== undefined);
    if (this.#child instanceof BytesBuilder && items && Object.isFrozen(items)) {
      this.#child.appendAll(sharedList(items as readonly string[]));
    } else {
      for (const item of items ?? []) this.#child.append(item);
    }
    this.#length += items?.length ?? 0;
    this.#offsets.push(this.#length);
  }

  get byteLength(): number {
    return this.#child.byteLength + this.#validity.length * 4;
  }

  finish(): Data {
    this.#length = 0;
    return arrow.makeData({
      type: this.#type as Arrow.List,
      ...this.#validity.finish(),
      valueOffsets: this.#offsets.finish(),
      child: this.#child.finish(),
    });
  }
}

class StructBuilder implements ColumnBuilder {
  readonly #type: DataType;
  readonly #validity = new Validity();
  readonly #children: [name: string, builder: ColumnBuilder][];

  constructor(type: DataType, fields: Record<string, ColumnType>) {
    this.#type = type;
    this.#children = Object.entries(fields).map(([name, field]) => [name, columnBuilder(field)]);
  }

  append(value: unknown): void {
    const record = value as Record<string, unknown> | null | undefined;
    this.#validity.push(record !== null && record !== undefined);
    for (const [name, builder] of this.#children) builder.append(record?.[name]);
  }

  get byteLength(): number {
    return this.#children.reduce((sum, [, builder]) => sum + builder.byteLength, 0);
  }

  finish(): Data {
    return arrow.makeData({
      type: this.#type as Arrow.Struct,
      ...this.#validity.finish(),
      children: this.#children.map(([, builder]) => builder.finish()),
    });
  }
}

class VectorBuilder implements ColumnBuilder {
  readonly #type: DataType;
  readonly #dimensions: number;
  readonly #float: 'float16' | 'float32';
  readonly #validity = new Validity();
  #values: Float32Array = new Float32Array(0);

  constructor(type: DataType, dimensions: number, float: 'float16' | 'float32') {
    this.#type = type;
    this.#dimensions = dimensions;
    this.#float = float;
  }

  append(value: unknown): void {
    const start = this.#validity.length * this.#dimensions;
    if (start + this.#dimensions > this.#values.length) this.#values = grown(this.#values, start + this.#dimensions);
    this.#validity.push(value !== null && value !== undefined);
    if (value !== null && value !== undefined) this.#values.set(value as Float32Array, start);
  }

  get byteLength(): number {
    return this.#validity.length * this.#dimensions * 4;
  }

  finish(): Data {
    const validity = this.#validity.finish();
    const values = this.#values.slice(0, validity.length * this.#dimensions);
    this.#values = new Float32Array(0);
    const half = this.#float === 'float16';
    const child = half
      ? arrow.makeData({ type: new arrow.Float16(), data: halves(values) })
      : arrow.makeData({ type: new arrow.Float32(), data: values });
    return arrow.makeData({ type: this.#type as Arrow.FixedSizeList, ...validity, child });
  }
}

// Half of the smallest number that half precision has; Arrow's own conversion makes an infinity of anything less.
const tooSmall = 2 ** -25;

/** Each value in the 16 bits of IEEE 754's half precision. */
function halves(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) =>
    Math.abs(value) < tooSmall ? 0 : (arrow.util.float64ToUint16?.(value) ?? 0),
  );
}

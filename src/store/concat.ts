import type * as Arrow from 'apache-arrow';
import type { Data, DataType, RecordBatch, Schema } from 'apache-arrow';
import { arrow } from './arrow.ts';

/**
 * Several batches as one. Lance makes a page of each batch that it is given, and some pages of lists of structs cannot be read across
 * their border (a panic in lance-encoding 7.0.0), so that what is written together must be one batch.
 */
export function concatBatches(schema: Schema, batches: readonly RecordBatch[]): RecordBatch {
  const [first] = batches;
  if (first !== undefined && batches.length === 1) return new arrow.RecordBatch(schema, first.data);
  const children = schema.fields.map(({ type }, i) =>
    concatData(
      type,
      batches.flatMap(({ data }) => data.children[i] ?? []),
    ),
  );
  const length = batches.reduce((sum, { numRows }) => sum + numRows, 0);
  const type = new arrow.Struct(schema.fields);
  return new arrow.RecordBatch(schema, arrow.makeData({ type, length, nullCount: 0, children }));
}

function concatData(type: DataType, parts: readonly Data[]): Data {
  const { DataType: is } = arrow;
  const validity = concatValidity(parts);
  if (is.isBool(type))
    return arrow.makeData({ type, ...validity, data: concatBits(parts, ({ values }) => values as Uint8Array) });
  if (is.isUtf8(type) || is.isBinary(type)) {
    const { valueOffsets, ranges } = concatOffsets(parts);
    const bytes = parts.map(({ values }, i) => (values as Uint8Array).subarray(ranges[i]?.start, ranges[i]?.end));
    return arrow.makeData({ type: type as Arrow.Utf8, ...validity, valueOffsets, data: joined(bytes, Uint8Array) });
  }
  if (is.isList(type)) {
    const { valueOffsets, ranges } = concatOffsets(parts);
    const items = parts.map(({ children: [child] }, i) => sliced(child, ranges[i]));
    return arrow.makeData({
      type,
      ...validity,
      valueOffsets,
      child: concatData(childType(type), items),
    });
  }
  if (is.isFixedSizeList(type)) {
    // A sliced Data has its children sliced already, unlike a list's.
    const items = parts.map(({ children: [child], length }) =>
      sliced(child, { start: 0, end: length * type.listSize }),
    );
    return arrow.makeData({
      type,
      ...validity,
      child: concatData(childType(type), items),
    });
  }
  if (is.isStruct(type)) {
    const children = type.children.map((field, i) =>
      concatData(
        field.type,
        parts.map(({ children: fields, length }) => sliced(fields[i], { start: 0, end: length })),
      ),
    );
    return arrow.makeData({ type, ...validity, children });
  }
  return arrow.makeData({ type: type as Arrow.Int32, ...validity, data: concatValues(parts) as Int32Array });
}

function childType(type: { children: readonly { type: DataType }[] }): DataType {
  const [child] = type.children;
  if (child === undefined) throw new TypeError('a list without a type for its items');
  return child.type;
}

function sliced(data: Data | undefined, range: { start: number; end: number } | undefined): Data {
  if (data === undefined || range === undefined) throw new TypeError('a nested value without its items');
  return range.start === 0 && range.end === data.length ? data : data.slice(range.start, range.end - range.start);
}

function concatValidity(parts: readonly Data[]): { length: number; nullCount: number; nullBitmap: Uint8Array | null } {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const nullCount = parts.reduce((sum, part) => sum + part.nullCount, 0);
  const nullBitmap =
    nullCount === 0 ? null : concatBits(parts, (part) => (part.nullCount === 0 ? null : part.nullBitmap));
  return { length, nullCount, nullBitmap };
}

/** Bits of several parts behind one another; a part without any has all of them set. */
function concatBits(parts: readonly Data[], bitsOf: (part: Data) => Uint8Array | null): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bits = new Uint8Array(Math.ceil(length / 8));
  let at = 0;
  for (const part of parts) {
    const source = bitsOf(part);
    for (let i = 0; i < part.length; i++, at++) {
      const from = part.offset + i;
      if (source === null || ((source[from >> 3] ?? 0) >> (from & 7)) & 1)
        bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
    }
  }
  return bits;
}

/** Offsets of several parts as one list, and which range of its values or items each part uses. */
function concatOffsets(parts: readonly Data[]): { valueOffsets: Int32Array; ranges: { start: number; end: number }[] } {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const valueOffsets = new Int32Array(length + 1);
  const ranges: { start: number; end: number }[] = [];
  let at = 0;
  let base = 0;
  for (const part of parts) {
    const offsets = part.valueOffsets as Int32Array;
    const start = offsets[0] ?? 0;
    for (let i = 1; i <= part.length; i++) valueOffsets[++at] = base + (offsets[i] ?? 0) - start;
    const end = offsets[part.length] ?? start;
    ranges.push({ start, end });
    base += end - start;
  }
  return { valueOffsets, ranges };
}

type Values = Uint8Array | Int32Array | Float32Array | Float64Array | BigInt64Array;

function concatValues(parts: readonly Data[]): Values {
  const arrays = parts.map(({ values, length, stride }) => (values as Int32Array).subarray(0, length * stride));
  return joined(arrays, (arrays[0]?.constructor ?? Int32Array) as new (length: number) => Int32Array);
}

function joined<T extends Uint8Array | Int32Array>(arrays: readonly T[], type: new (length: number) => T): T {
  const whole = new type(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}

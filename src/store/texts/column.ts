import type { Data, Utf8 } from 'apache-arrow';

/** Texts as Arrow has them: UTF-8 behind one another, where each begins and the last one ends, and a bit for each that is not null. */
export interface TextColumn {
  bytes: Uint8Array<ArrayBuffer>;
  offsets: Int32Array<ArrayBuffer>;
  validity: Uint8Array<ArrayBuffer> | null;
}

/** A copy of a column of texts, in memory of its own that can change threads. */
export function textColumnOf(column: Data): TextColumn {
  const data = column as Data<Utf8>;
  const offsets = data.valueOffsets.slice(0, data.length + 1);
  const validity = data.nullCount === 0 ? null : data.nullBitmap.slice();
  return { bytes: data.values.slice(0, offsets[data.length]), offsets, validity };
}

/** Texts as a column without nulls. */
export function encodedTexts(texts: readonly string[]): TextColumn {
  const bytes = Buffer.from(texts.join(''));
  const offsets = new Int32Array(texts.length + 1);
  for (const [index, text] of texts.entries()) offsets[index + 1] = (offsets[index] ?? 0) + Buffer.byteLength(text);
  return { bytes: new Uint8Array(bytes), offsets, validity: null };
}

/** The memory of a column. */
export function buffersOf({ bytes, offsets, validity }: TextColumn): ArrayBuffer[] {
  return [bytes, offsets, ...(validity === null ? [] : [validity])].map(({ buffer }) => buffer);
}

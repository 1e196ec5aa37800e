import type { RecordBatch } from 'apache-arrow';

/** A text column in one string: the text of row `n` is `text.slice(starts[n], starts[n + 1])`, empty where it is null. */
export interface TextColumn {
  text: string;
  starts: Uint32Array;
}

/** The text of a row. */
export function textAt(source: TextColumn, row: number): string {
  return source.text.slice(source.starts[row], source.starts[row + 1]);
}

/**
 * A Utf8 column of several batches as one string, without making a string a row: tens of times faster than reading values one by
 * one.
 */
export function textColumn(batches: RecordBatch[], name: string): TextColumn {
  const rows = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  const starts = new Uint32Array(rows + 1);
  const texts: string[] = [];
  let [row, length] = [0, 0];
  for (const batch of batches) {
    for (const data of batch.getChild(name)?.data ?? []) {
      const offsets = data.valueOffsets as Int32Array;
      const [first, last] = [offsets[0] ?? 0, offsets[data.length] ?? 0];
      const bytes = (data.values as Uint8Array).subarray(first, last);
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
      const ascii = text.length === bytes.length;
      let units = 0;
      for (let index = 0; index < data.length; index += 1) {
        const end = (offsets[index + 1] ?? 0) - first;
        const start = (offsets[index] ?? 0) - first;
        starts[row] = length + (ascii ? start : units);
        if (!ascii) units += utf16Length(bytes, start, end);
        row += 1;
      }
      texts.push(text);
      length += text.length;
    }
  }
  starts[rows] = length;
  return { text: texts.join(''), starts };
}

/** UTF-16 units of valid UTF-8: one a character, two where it takes four bytes. */
function utf16Length(bytes: Uint8Array, start: number, end: number): number {
  let units = 0;
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] ?? 0;
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

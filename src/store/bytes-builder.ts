import type * as Arrow from 'apache-arrow';
import type { Data, DataType } from 'apache-arrow';
import { arrow } from './arrow.ts';
import { Offsets, Validity } from './buffers.ts';
import type { ColumnBuilder } from './builder.ts';
import type { SharedList } from './shared-list.ts';

const shortText = 24;

/** Builds a column of texts or of bytes. */
export class BytesBuilder implements ColumnBuilder {
  readonly #type: DataType;
  readonly #validity = new Validity();
  readonly #offsets = new Offsets();
  #bytes: Buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  constructor(type: DataType) {
    this.#type = type;
  }

  append(value: unknown): void {
    const valid = value !== null && value !== undefined;
    this.#validity.push(valid);
    if (typeof value === 'string') {
      this.#reserve(value.length * 3);
      if (!this.#writeShort(value)) this.#length += this.#bytes.write(value, this.#length, 'utf8');
    } else if (valid) {
      const bytes = value as Uint8Array;
      this.#reserve(bytes.length);
      this.#bytes.set(bytes, this.#length);
      this.#length += bytes.length;
    }
    this.#offsets.push(this.#length);
  }

  /** Adds all texts of a list. */
  appendAll({ bytes, ends }: SharedList): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    for (const end of ends) {
      this.#validity.push(true);
      this.#offsets.push(this.#length + end);
    }
    this.#length += bytes.length;
  }

  /** Writes a short text of ASCII alone, for which a call into Node would take longer than the writing. */
  #writeShort(text: string): boolean {
    if (text.length > shortText) return false;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) return false;
      this.#bytes[this.#length + at] = code;
    }
    this.#length += text.length;
    return true;
  }

  get byteLength(): number {
    return this.#length;
  }

  finish(): Data {
    const data = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#length);
    const result = arrow.makeData({
      type: this.#type as Arrow.Utf8,
      ...this.#validity.finish(),
      valueOffsets: this.#offsets.finish(),
      data,
    });
    this.#bytes = Buffer.allocUnsafe(4096);
    this.#length = 0;
    return result;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Which of the values are valid and which null: a bit a value, as Arrow wants it. */
export class Validity {
  length = 0;
  nulls = 0;
  #bits = new Uint8Array(1024);

  push(valid: boolean): void {
    const byte = this.length >> 3;
    if (byte >= this.#bits.length) this.#bits = grown(this.#bits, byte + 1);
    if (valid) this.#bits[byte] = (this.#bits[byte] ?? 0) | (1 << (this.length & 7));
    else this.nulls += 1;
    this.length += 1;
  }

  finish(): { length: number; nullCount: number; nullBitmap: Uint8Array } {
    const result = {
      length: this.length,
      nullCount: this.nulls,
      nullBitmap: this.#bits.slice(0, Math.ceil(this.length / 8)),
    };
    this.length = 0;
    this.nulls = 0;
    this.#bits = new Uint8Array(1024);
    return result;
  }
}

/** Where each value of varying length ends: one offset more than there are values. */
export class Offsets {
  #offsets = new Int32Array(1024);
  #count = 0;

  push(end: number): void {
    this.#count += 1;
    if (this.#count >= this.#offsets.length) this.#offsets = grown(this.#offsets, this.#count + 1);
    this.#offsets[this.#count] = end;
  }

  finish(): Int32Array {
    const result = this.#offsets.slice(0, this.#count + 1);
    this.#offsets = new Int32Array(1024);
    this.#count = 0;
    return result;
  }
}

/** The same values with room for at least `needed`. */
export function grown<T extends Uint8Array | Int32Array | Float32Array>(array: T, needed: number): T {
  const larger = new (array.constructor as new (length: number) => T)(Math.max(needed, array.length * 2));
  larger.set(array);
  return larger;
}

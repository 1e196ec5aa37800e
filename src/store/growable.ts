/** A list of unsigned 32-bit integers that grows: a quarter of the memory of an array of numbers, and no work for the collector. */
export class Uint32List {
  #values = new Uint32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  /** The value at an index below `length`. */
  at(index: number): number {
    return this.#values[index] ?? 0;
  }

  /** The values, without a copy; valid until the next push. */
  view(): Uint32Array {
    return this.#values.subarray(0, this.length);
  }
}

/** Stands for nothing where the number of something is kept. */
export const none = 0xffff_ffff;

/** Numbers texts in the order in which they first come up. */
export class Interner {
  readonly texts: string[] = [];
  #ids = new Map<string, number>();

  idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.texts.length;
    this.#ids.set(text, id);
    this.texts.push(text);
    return id;
  }

  /** Ends the numbering, whose memory goes back; the texts stay. */
  close(): void {
    this.#ids = new Map();
  }
}

/** A list of texts of which many are the same: each is kept once, in an Interner that several lists can share. */
export class TextList {
  readonly #texts: Interner;
  readonly #ids = new Uint32List();

  constructor(texts: Interner) {
    this.#texts = texts;
  }

  push(text: string | null): void {
    this.#ids.push(text === null ? none : this.#texts.idOf(text));
  }

  at(index: number): string | null {
    return this.#texts.texts[this.#ids.at(index)] ?? null;
  }

  /** The texts' numbers, `none` for null; valid until the next push. */
  ids(): Uint32Array {
    return this.#ids.view();
  }
}

/** A list of hashes of `size` bytes, given and read as hex, kept as bytes. */
export class HashList {
  readonly #size: number;
  #bytes: Buffer;
  #length = 0;

  constructor(size: number) {
    this.#size = size;
    this.#bytes = Buffer.alloc(1024 * size);
  }

  push(hex: string): void {
    const start = this.#length * this.#size;
    if (start === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], start * 2);
    this.#bytes.write(hex, start, 'hex');
    this.#length += 1;
  }

  at(index: number): string {
    return this.#bytes.toString('hex', index * this.#size, (index + 1) * this.#size);
  }
}

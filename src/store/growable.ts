/**
 * A list of unsigned 32-bit integers that grows: a quarter of the memory of an array of numbers, no work for the collector, and
 * what another thread is given of it is not copied.
 */
export class Uint32List {
  #values = numbers(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = numbers(this.length * 2);
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
  view(): Uint32Array<SharedArrayBuffer> {
    return this.#values.subarray(0, this.length);
  }
}

function numbers(length: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(length * Uint32Array.BYTES_PER_ELEMENT));
}

/** Stands for nothing where the number of something is kept. */
export const none = 0xffff_ffff;

/** Numbers texts in the order in which they first come up. */
export class Interner {
  readonly texts: string[] = [];
  readonly #ids = new Map<string, number>();

  idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.texts.length;
    this.#ids.set(text, id);
    this.texts.push(text);
    return id;
  }
}

/** A list of hashes of `size` bytes, given and read as hex, kept as bytes. */
export class HashList {
  readonly #size: number;
  #bytes: Buffer<ArrayBuffer>;
  length = 0;

  constructor(size: number) {
    this.#size = size;
    this.#bytes = Buffer.alloc(1024 * size);
  }

  push(hex: string): void {
    this.#reserve();
    this.#bytes.write(hex, this.length * this.#size, 'hex');
    this.length += 1;
  }

  /** Adds the hash at an index of `bytes`. */
  pushFrom(bytes: Uint8Array, index: number): void {
    this.#reserve();
    this.#bytes.set(bytes.subarray(index * this.#size, (index + 1) * this.#size), this.length * this.#size);
    this.length += 1;
  }

  at(index: number): string {
    return this.#bytes.toString('hex', index * this.#size, (index + 1) * this.#size);
  }

  /** A copy of all of them, behind one another. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(0, this.length * this.#size));
  }

  #reserve(): void {
    const end = this.length * this.#size;
    if (end === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], end * 2);
  }
}

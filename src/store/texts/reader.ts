import { none } from '../growable.ts';

/** A pool's texts as another thread can read them: UTF-8 behind one another, and where each ends. */
export interface PooledTexts {
  memory: SharedArrayBuffer;
  ends: Uint32Array;
}

// Few texts come up again and again; a power of two.
const remembered = 1 << 14;

/** Reads a pool's texts, of which it remembers some: with names of inputs most are found there. */
export class TextReader {
  readonly #bytes: Buffer;
  readonly #ends: Uint32Array;
  readonly #ids = new Uint32Array(remembered).fill(none);
  readonly #texts: string[] = [];

  constructor({ memory, ends }: PooledTexts) {
    this.#bytes = Buffer.from(memory, 0, memory.byteLength);
    this.#ends = ends;
  }

  /** The text of a number; null for `none`. */
  at(id: number): string | null {
    const end = this.#ends[id];
    if (end === undefined) return null;
    const place = id & (remembered - 1);
    if (this.#ids[place] === id) return this.#texts[place] ?? null;
    const text = this.#bytes.toString('utf8', id === 0 ? 0 : this.#ends[id - 1], end);
    this.#ids[place] = id;
    this.#texts[place] = text;
    return text;
  }
}

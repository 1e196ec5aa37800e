import { none, Uint32List } from '../growable.ts';
import type { TextColumn } from './column.ts';
import { hashOf, sameBytes, viewOf } from './hash.ts';
import type { PooledTexts } from './reader.ts';

// Memory is taken as it is needed, up to this much; all texts of nixpkgs have some 30 MB.
const mostBytes = 2 ** 31;
const growth = 1 << 22;

/**
 * Numbers texts in the order in which they first come up, and keeps each once. They lie in memory that threads share and that
 * the garbage collector does not look into: as strings, those of a package set keep it busy for a good part of a run.
 */
export class TextPool {
  readonly #memory = new SharedArrayBuffer(growth, {
    maxByteLength: mostBytes,
  });
  #bytes = Buffer.from(this.#memory, 0, growth);
  #view = viewOf(this.#bytes);
  /** Where each text ends, which is where the next one begins. */
  readonly #ends = new Uint32List();
  #hashes = new Uint32List();
  /** Numbers plus one by hash, with open addressing; at most half of the places are taken. */
  #slots = new Uint32Array(1 << 12);

  get length(): number {
    return this.#ends.length;
  }

  /** The number of a text. */
  idOf(text: string): number {
    const bytes = Buffer.from(text);
    return this.#numberOf(viewOf(bytes), 0, bytes.length);
  }

  /** The numbers of a column's texts, `none` for null. */
  idsOf({ bytes, offsets, validity }: TextColumn): Uint32Array {
    const ids = new Uint32Array(offsets.length - 1);
    const view = viewOf(bytes);
    for (let row = 0; row < ids.length; row += 1) {
      const isNull = validity !== null && ((validity[row >> 3] ?? 0) & (1 << (row & 7))) === 0;
      ids[row] = isNull ? none : this.#numberOf(view, offsets[row] ?? 0, offsets[row + 1] ?? 0);
    }
    return ids;
  }

  /** The text of a number; null for `none`. */
  at(id: number): string | null {
    return id >= this.length ? null : this.#bytes.toString('utf8', this.#startOf(id), this.#ends.at(id));
  }

  /** Ends the numbering, whose memory goes back; the texts stay. */
  close(): void {
    this.#slots = new Uint32Array(0);
    this.#hashes = new Uint32List();
  }

  /** The texts so far, for another thread. */
  shared(): PooledTexts {
    return { memory: this.#memory, ends: this.#ends.view() };
  }

  #startOf(id: number): number {
    return id === 0 ? 0 : this.#ends.at(id - 1);
  }

  #numberOf(view: DataView, start: number, end: number): number {
    const hash = hashOf(view, start, end);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = (this.#slots[slot] ?? 0) - 1;
      if (id < 0) return this.#add(new Uint8Array(view.buffer, view.byteOffset + start, end - start), hash, slot);
      if (this.#hashes.at(id) === hash && this.#isAt(id, view, start, end)) return id;
    }
  }

  #isAt(id: number, view: DataView, start: number, end: number): boolean {
    const own = this.#startOf(id);
    return this.#ends.at(id) - own === end - start && sameBytes(this.#view, own, view, start, end - start);
  }

  #add(text: Uint8Array, hash: number, slot: number): number {
    const id = this.length;
    const start = id === 0 ? 0 : this.#ends.at(id - 1);
    const end = start + text.length;
    if (end > this.#bytes.length) {
      this.#memory.grow(Math.ceil(end / growth) * growth);
      this.#bytes = Buffer.from(this.#memory, 0, this.#memory.byteLength);
      this.#view = viewOf(this.#bytes);
    }
    this.#bytes.set(text, start);
    this.#ends.push(end);
    this.#hashes.push(hash);
    this.#slots[slot] = id + 1;
    if (this.length * 2 > this.#slots.length) this.#spread();
    return id;
  }

  /** Makes twice the places. */
  #spread(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (const [id, hash] of this.#hashes.view().entries()) {
      let slot = hash & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

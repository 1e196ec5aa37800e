import type { ErrorRow } from '../../model.ts';
import { none, Uint32List } from '../growable.ts';
import type { TextPool } from '../texts/pool.ts';

/** The rows of table `errors`, system by system, their texts in a pool: many have the same message, and messages are long. */
export class ErrorList implements Iterable<ErrorRow> {
  readonly #texts: TextPool;
  readonly #paths = new Uint32List();
  readonly #classes = new Uint32List();
  readonly #messages = new Uint32List();
  readonly #systems: { system: string; end: number }[] = [];

  constructor(texts: TextPool) {
    this.#texts = texts;
  }

  get length(): number {
    return this.#messages.length;
  }

  add({ attribute_path, class: kind, message }: Omit<ErrorRow, 'system'>): void {
    this.#paths.push(attribute_path === null ? none : this.#texts.idOf(attribute_path));
    this.#classes.push(this.#texts.idOf(kind));
    this.#messages.push(this.#texts.idOf(message));
  }

  /** Says which system those are of that were added since this was last said. */
  endSystem(system: string): void {
    this.#systems.push({ system, end: this.length });
  }

  messageAt(index: number): string {
    return this.#texts.at(this.#messages.at(index)) ?? '';
  }

  *[Symbol.iterator](): Generator<ErrorRow> {
    let index = 0;
    for (const { system, end } of this.#systems) {
      for (; index < end; index += 1) {
        yield {
          attribute_path: this.#texts.at(this.#paths.at(index)),
          system,
          class: this.#texts.at(this.#classes.at(index)) ?? '',
          message: this.messageAt(index),
        };
      }
    }
  }
}

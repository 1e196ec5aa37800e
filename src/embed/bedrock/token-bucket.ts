import { setTimeout as sleep } from 'node:timers/promises';

/** Lets through so much a minute, evenly, with a reserve of one second's worth; callers wait in the order in which they came. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #reserve: number;
  /** When the bucket will have been empty for the callers so far. */
  #freeAt = 0;

  constructor(perMinute: number) {
    this.#perMs = perMinute / 60_000;
    this.#reserve = 1000;
  }

  /** Waits until `amount` may go. */
  async take(amount: number, signal: AbortSignal): Promise<void> {
    const now = Date.now();
    this.#freeAt = Math.max(this.#freeAt, now - this.#reserve);
    const startAt = this.#freeAt;
    this.#freeAt += amount / this.#perMs;
    if (startAt > now) await sleep(startAt - now, undefined, { signal });
  }

  /** Lets nothing through for so long: the service said that it was too much. */
  pause(ms: number): void {
    this.#freeAt = Math.max(this.#freeAt, Date.now() + ms);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';

/** When to try again: how often in all, and which errors it may help with. */
export interface RetryRule {
  attempts: number;
  helps: (error: unknown) => boolean;
}

/** Runs `work` until it succeeds, with growing, jittered pauses between tries; throws the last error. */
export async function retrying<T>(
  rule: RetryRule,
  signal: AbortSignal,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      signal.throwIfAborted();
      if (attempt >= rule.attempts || !rule.helps(error)) throw error;
      await sleep(Math.min(20_000, 100 * 2 ** attempt) * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
}

/** The error that a KnownError was made from, or the error itself. */
export function rootCause(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootCause(error.cause) : error;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeModelCommand, type BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { messageOf } from '../../errors.ts';
import type { StageContext } from '../../report/event.ts';
import { asTheyCome } from '../concurrent.ts';
import type { EmbeddedText, PendingText, Unembedded, VectorKey } from '../provider.ts';
import { checkedVector } from '../vector.ts';
import { failureKind } from './failure.ts';
import { modelInput } from './record.ts';
import type { BedrockSettings } from './settings.ts';
import { TokenBucket } from './token-bucket.ts';

/** What came of calls on demand, apart from the vectors. */
export interface OnDemandOutcome {
  unembedded: Unembedded[];
  calls: number;
  tokens: number;
  /** Calls that were not answered, or by the model's time-out: they may have been paid for. */
  unanswered: number;
}

const maxTries = 8;
/** After so many refusals in a row, whatever the text, the quota is taken for 0. */
const maxRefusals = 40;

type Answer = { vector: Float32Array; tokens: number } | { reason: string; waits: boolean };

/** Embeds texts with one call of InvokeModel each, concurrently, within the quotas of requests and tokens a minute. */
export class OnDemand {
  readonly #runtime: BedrockRuntimeClient;
  readonly #settings: BedrockSettings;
  readonly #requests: TokenBucket;
  readonly #tokens: TokenBucket;
  readonly #outcome: OnDemandOutcome = { unembedded: [], calls: 0, tokens: 0, unanswered: 0 };
  #refusals = 0;
  /** Why no further call makes sense. */
  #over: string | null = null;

  constructor(runtime: BedrockRuntimeClient, settings: BedrockSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
    this.#requests = new TokenBucket(settings.requestsPerMinute);
    this.#tokens = new TokenBucket(settings.tokensPerMinute);
  }

  /**
   * Yields vectors as they come. `starting` is told of each text before it is called for, and again before what is done once more
   * though it may have been paid for, so that what a killed run may have paid in vain is known.
   */
  async *run(
    texts: readonly PendingText[],
    starting: (pending: PendingText) => Promise<void>,
    { signal, report }: StageContext,
  ): AsyncGenerator<EmbeddedText[], OnDemandOutcome> {
    let done = 0;
    const concurrency = Math.min(16, Math.max(1, Math.ceil(this.#settings.requestsPerMinute / 120)));
    const answers = asTheyCome(texts, concurrency, signal, async (pending) => {
      return { pending, answer: await this.#embed(pending, starting, signal) };
    });
    for await (const { pending, answer } of answers) {
      done += 1;
      if ('reason' in answer) this.#outcome.unembedded.push({ hash: pending.hash, ...answer });
      else {
        this.#outcome.tokens += answer.tokens;
        yield [{ hash: pending.hash, vector: answer.vector }];
      }
      if (done % 50 === 0 || done === texts.length) {
        report({ type: 'progress', task: 'calls on demand', done, total: texts.length, unit: 'texts' });
      }
    }
    return this.#outcome;
  }

  async #embed(
    pending: PendingText,
    starting: (pending: PendingText) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { key, charactersPerToken, backoffMs } = this.#settings;
    let reason = '';
    let isNoted = false;
    for (let attempt = 1; attempt <= maxTries && this.#over === null; attempt++) {
      await this.#tokens.take(pending.text.length / charactersPerToken, signal);
      await this.#requests.take(1, signal);
      if (!isNoted) await starting(pending);
      isNoted = true;
      try {
        this.#outcome.calls += 1;
        const answer = await invoke(this.#runtime, pending.text, key, signal);
        this.#refusals = 0;
        if (typeof answer !== 'string') return answer;
        reason = answer;
      } catch (error) {
        signal.throwIfAborted();
        reason = `${error instanceof Error ? error.name : ''}: ${messageOf(error)}`;
        if (failureKind(error) === 'invalid') return { reason: `the model refused it: ${reason}`, waits: false };
        const backoff = Math.min(backoffMs * 2 ** (attempt - 1), 30_000) * (0.5 + Math.random());
        if (mayBePaid(error)) {
          this.#outcome.unanswered += 1;
          isNoted = false;
        } else this.#learn(error, reason, backoff);
        await sleep(backoff, undefined, { signal });
      }
    }
    return { reason: this.#over ?? `${maxTries} calls failed, the last with ${reason}`, waits: true };
  }

  #learn(error: unknown, reason: string, backoff: number): void {
    const kind = failureKind(error);
    if (kind === 'denied') this.#over = `it waits for the next batch: bedrock:InvokeModel is not allowed (${reason})`;
    else if (kind === 'missing') this.#over = `it waits: ${reason}`;
    if (kind !== 'throttled' && kind !== 'quota') return;
    this.#refusals += 1;
    this.#requests.pause(backoff);
    if (this.#refusals >= maxRefusals)
      this.#over = `it waits: ${this.#refusals} calls in a row were refused (${reason})`;
  }
}

/** One call: the text's vector, or what is wrong with the answer. */
export async function invoke(
  runtime: BedrockRuntimeClient,
  text: string,
  key: VectorKey,
  signal: AbortSignal,
): Promise<{ vector: Float32Array; tokens: number } | string> {
  const body = JSON.stringify(modelInput(text, key));
  const command = new InvokeModelCommand({
    modelId: key.model,
    contentType: 'application/json',
    accept: 'application/json',
    body,
  });
  const answer = await runtime.send(command, { abortSignal: signal });
  const parsed = JSON.parse(answer.body.transformToString()) as { embedding?: unknown; inputTextTokenCount?: number };
  const vector = checkedVector(parsed.embedding, key);
  return typeof vector === 'string' ? vector : { vector, tokens: parsed.inputTextTokenCount ?? 0 };
}

/** Whether the model may have worked for a call that failed: nobody answered, or the model took too long. */
function mayBePaid(error: unknown): boolean {
  if (failureKind(error) !== 'unknown') return false;
  if (!(error instanceof Error)) return true;
  const isAnswer = '$response' in error && error.$response !== undefined;
  return !isAnswer || error.name === 'ModelTimeoutException';
}

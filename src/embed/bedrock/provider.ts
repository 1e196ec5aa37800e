import { setTimeout as sleep } from 'node:timers/promises';
import { KnownError, messageOf } from '../../errors.ts';
import type { StageContext } from '../../report/event.ts';
import { noUsage } from '../provider.ts';
import type {
  EmbeddedText,
  EmbeddingOutcome,
  EmbeddingProvider,
  Estimate,
  PendingText,
  Unembedded,
  VectorKey,
} from '../provider.ts';
import { BatchRun, type BatchOutcome, type Work } from './batch.ts';
import { createClients, type Clients } from './clients.ts';
import { estimateBedrock } from './estimate.ts';
import { failureKind } from './failure.ts';
import { callsBegun, type CallsBegun } from './in-flight.ts';
import { Journal, partitionByKey } from './journal.ts';
import { outputPrefix } from './jobs.ts';
import { deleteKeys, listKeys } from './objects.ts';
import { invoke, OnDemand } from './on-demand.ts';
import type { BedrockSettings } from './settings.ts';
import type { Shard } from './shard.ts';
import { newShards } from './shards.ts';

/** The journal of a configuration's batch jobs; null where there are none. */
export function openJournal(settings: BedrockSettings, { s3 }: Clients): Journal | null {
  if (settings.batch === null || settings.mode === 'onDemand') return null;
  const bucket = { name: settings.batch.inputBucket, owner: settings.bucketOwner };
  return new Journal(settings.stateDirectory, { s3, bucket, prefix: `${settings.inputPrefix}/${settings.dataset}` });
}

/** Amazon Bedrock: batch jobs, and calls on demand for what is too little for a job. */
export class BedrockProvider implements EmbeddingProvider {
  readonly name = 'bedrock';
  readonly key: VectorKey;
  readonly #settings: BedrockSettings;
  readonly #clients: Clients;
  readonly #journal: Journal | null;
  readonly #begun: CallsBegun;
  /** The shards of the journal that are of these settings, and the work that is left of them. */
  #shards: Shard[] = [];
  #open: Work[] | undefined;

  constructor(settings: BedrockSettings) {
    this.key = settings.key;
    this.#settings = settings;
    this.#clients = createClients(settings);
    this.#journal = openJournal(settings, this.#clients);
    this.#begun = callsBegun(settings.stateDirectory);
  }

  async inFlight(context: StageContext): Promise<ReadonlySet<string>> {
    const open = await this.#resume(context);
    return new Set(open.flatMap(({ texts }) => texts.map(({ hash }) => hash)));
  }

  estimate(pending: readonly PendingText[]): Promise<Estimate> {
    return Promise.resolve(estimateBedrock(pending, this.#settings));
  }

  async *embed(
    pending: readonly PendingText[],
    context: StageContext,
  ): AsyncGenerator<EmbeddedText[], EmbeddingOutcome> {
    const settings = this.#settings;
    const usage = { ...noUsage, maybePaidInVain: await this.#begun.inVain(new Set(pending.map(({ hash }) => hash))) };
    const unembedded: Unembedded[] = [];
    const fresh = this.#journal ? newShards(settings, settings, pending, 1) : { work: [], rest: [...pending] };
    // Where nothing is missing nobody is asked.
    const earlier = pending.length === 0 ? (this.#open ?? []) : await this.#resume(context);
    const batch = yield* this.#runBatch([...earlier, ...fresh.work], context);
    unembedded.push(...batch.unembedded);
    const rest = [...fresh.rest, ...batch.left.map(({ pending: text }) => text)];
    if (settings.mode === 'batch') unembedded.push(...rest.map((text) => waitsForBatch(text, settings)));
    const calls = settings.mode === 'batch' ? [] : rest;
    const onDemand = yield* new OnDemand(this.#clients.runtime, settings).run(
      calls,
      ({ hash }) => this.#begun.add(hash),
      context,
    );
    unembedded.push(...onDemand.unembedded);
    usage.jobs = batch.jobs;
    usage.batchRecords = batch.records;
    usage.batchTokens = batch.tokens;
    usage.onDemandCalls = onDemand.calls;
    usage.onDemandTokens = onDemand.tokens;
    usage.maybePaidInVain += onDemand.unanswered;
    usage.cost = (usage.batchTokens * settings.batchPrice + usage.onDemandTokens * settings.onDemandPrice) / 1e6;
    return { unembedded, usage };
  }

  async *#runBatch(work: readonly Work[], context: StageContext): AsyncGenerator<EmbeddedText[], BatchOutcome> {
    if (!this.#journal || work.length === 0) return { left: [], unembedded: [], jobs: 0, records: 0, tokens: 0 };
    const run = new BatchRun(this.#clients, this.#settings, this.#journal, context);
    try {
      return yield* run.run(work);
    } finally {
      const ids = new Set(this.#shards.map(({ id }) => id));
      this.#shards.push(...run.shards.filter(({ id }) => !ids.has(id)));
      const left = this.#shards.filter(
        ({ state, triedAt }) => state === 'submitted' || (state === 'creating' && triedAt !== ''),
      ).length;
      if (context.signal.aborted && left > 0) context.report({ type: 'info', message: goOnText(left) });
    }
  }

  /** The work that the journal tells of. */
  async #resume(context: StageContext): Promise<Work[]> {
    if (this.#open || !this.#journal) return this.#open ?? [];
    const { own, foreign } = partitionByKey(await this.#journal.load(context.signal), this.key);
    warnOfForeign(foreign, context);
    const open: Work[] = [];
    for (const shard of own.filter(isOpen))
      open.push({ shard, texts: await this.#journal.texts(shard, context.signal) });
    if (open.length > 0) {
      const texts = open.reduce((sum, work) => sum + work.texts.length, 0);
      context.report({
        type: 'info',
        message: `${jobsText(open.length)} of an earlier run, with ${texts} texts, taken up`,
      });
    }
    this.#shards = own;
    this.#open = open;
    return open;
  }

  async settled(context: StageContext): Promise<void> {
    await this.#begun.clear();
    if (!this.#journal) return;
    const collected = this.#shards.filter(({ state }) => state === 'collected');
    const waiting = new Set(this.#shards.filter(isOpen).map(({ run }) => run));
    try {
      for (const shard of collected) await this.#journal.save({ ...shard, state: 'settled' }, context.signal);
      const runs = new Set(collected.map(({ run }) => run)).difference(waiting);
      if (!this.#settings.keepObjects) await this.#clean(runs, context.signal);
    } catch (error) {
      context.signal.throwIfAborted();
      // The dataset has everything; what stays in the bucket is untidy and no more.
      const denied = /AccessDenied|not authorized/i.test(messageOf(error));
      const why = denied ? 's3:DeleteObject is not allowed' : messageOf(error);
      context.report({ type: 'info', message: `inputs and outputs of the batch jobs stay in the bucket: ${why}` });
    }
    await this.#journal.forget(collected);
    this.#shards = this.#shards.filter(isOpen);
    this.#open = undefined;
  }

  async #clean(runs: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const bucket = { name: this.#settings.batch?.outputBucket ?? '', owner: this.#settings.bucketOwner };
    const { s3 } = this.#clients;
    for (const run of runs) {
      await deleteKeys(s3, bucket, await listKeys(s3, bucket, outputPrefix(this.#settings, { run }), signal), signal);
      await this.#journal?.clean(run, signal);
    }
  }

  embedQuery(text: string, signal: AbortSignal): Promise<Float32Array> {
    return embedQuery(this.#clients, this.#settings, text, signal);
  }

  close(): Promise<void> {
    this.#clients.destroy();
    return Promise.resolve();
  }
}

function jobsText(count: number): string {
  return count === 1 ? '1 batch job' : `${count} batch jobs`;
}

function goOnText(jobs: number): string {
  return (
    `left to go on in Bedrock: ${jobsText(jobs)}, noted in the journal. Run again to take up what is left, or stop it with ` +
    '«fdnix-indexer embed --stop-jobs»'
  );
}

function isOpen({ state }: Shard): boolean {
  return state === 'creating' || state === 'submitted';
}

function warnOfForeign(foreign: readonly Shard[], { report }: StageContext): void {
  const waiting = foreign.filter(isOpen);
  const [first] = waiting;
  if (!first) return;
  const { model, dimensions } = first.key;
  const message =
    `left from an earlier run: ${jobsText(waiting.length)} of ${model} with ${dimensions} dimensions. Go back to those ` +
    'settings to collect what is left, or stop it with «fdnix-indexer embed --stop-jobs»';
  report({ type: 'warning', message });
}

function waitsForBatch({ hash }: PendingText, { minRecords }: BedrockSettings): Unembedded {
  return {
    hash,
    reason: `it waits for the next batch: a job has at least ${minRecords} texts, and embedding.bedrock.mode is batch`,
    waits: true,
  };
}

const queryAttempts = 4;

async function embedQuery(
  { runtime }: Clients,
  settings: BedrockSettings,
  text: string,
  signal: AbortSignal,
): Promise<Float32Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await invoke(runtime, text, settings.key, signal);
      if (typeof answer !== 'string') return answer.vector;
      throw new KnownError(`the query cannot be embedded: ${answer}`);
    } catch (error) {
      signal.throwIfAborted();
      const kind = failureKind(error);
      const again = (kind === 'throttled' || kind === 'unknown') && !(error instanceof KnownError);
      if (!again || attempt >= queryAttempts) {
        throw new KnownError(`the query cannot be embedded with ${settings.key.model}: ${messageOf(error)}`, {
          cause: error,
        });
      }
      await sleep(settings.backoffMs * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

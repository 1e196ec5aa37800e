import { setTimeout as sleep } from 'node:timers/promises';
import { KnownError, messageOf } from '../../errors.ts';
import type { StageContext } from '../../report/event.ts';
import type { EmbeddedText, PendingText, Unembedded } from '../provider.ts';
import type { Clients } from './clients.ts';
import { destinyOf, isTooSmall, statusText } from './destiny.ts';
import { getJob, isTerminal, outputPrefix, type JobStatus } from './jobs.ts';
import { failureKind } from './failure.ts';
import type { Journal } from './journal.ts';
import { collectOutput, type Collected } from './output.ts';
import type { BedrockSettings } from './settings.ts';
import { newShards } from './shards.ts';
import { Submitter } from './submit.ts';
import type { Shard } from './shard.ts';

/** A shard and its texts. */
export interface Work {
  shard: Shard;
  texts: PendingText[];
}

/** What came of the batch jobs, apart from the vectors. */
export interface BatchOutcome {
  /** Texts that no job could embed and that may go on demand. */
  left: { pending: PendingText; reason: string }[];
  unembedded: Unembedded[];
  jobs: number;
  records: number;
  tokens: number;
}

/** How often in a row a job's creation may fail. */
const maxCreations = 12;

interface OpenWork extends Work {
  /** When it is to be looked at next. */
  dueAt: number;
  failures: number;
  /** Whether nobody knows yet if its job was created. */
  unsettled: boolean;
  status: string;
  /** Whether it is this run's own, or an earlier one's that has not been looked at or that had been stopped before this run looked. */
  origin: 'own' | 'earlier' | 'stopped before';
}

/** Runs batch jobs in a sliding window; see `run`. */
export class BatchRun {
  readonly #clients: Clients;
  readonly #settings: BedrockSettings;
  readonly #journal: Journal;
  readonly #context: StageContext;
  readonly #submitter: Submitter;
  readonly #queue: OpenWork[] = [];
  readonly #open = new Map<string, OpenWork>();
  readonly #outcome: BatchOutcome = { left: [], unembedded: [], jobs: 0, records: 0, tokens: 0 };
  /** Every shard that took part. */
  readonly shards: Shard[] = [];
  #again: { pending: PendingText; reason: string; attempt: number }[] = [];
  #minRecords: number;
  #done = 0;
  #total = 0;

  constructor(clients: Clients, settings: BedrockSettings, journal: Journal, context: StageContext) {
    this.#clients = clients;
    this.#settings = settings;
    this.#journal = journal;
    this.#context = context;
    this.#submitter = new Submitter(clients, settings, journal, context);
    this.#minRecords = settings.minRecords;
  }

  /**
   * Takes jobs through creation, polling and collection, as many at a time as the quota allows: when one ends, the next takes its
   * place before its output is read. Texts without a vector are sent again, up to three times, as soon as they are enough for a job
   * and a place is free. Yields vectors as they come; what was yielded is durable when the next batch is asked for, and only then the
   * journal says that a job was collected.
   */
  async *run(work: readonly Work[]): AsyncGenerator<EmbeddedText[], BatchOutcome> {
    const deadline = Date.now() + this.#settings.maxWaitSeconds * 1000;
    for (const item of work) this.#enqueue(item);
    for (;;) {
      if (this.#isIdle()) this.#sendAgain();
      if (this.#isIdle()) return this.#outcome;
      if (Date.now() >= deadline) return this.#giveUpWaiting();
      await this.#fillWindow();
      const ended = await this.#poll();
      for (const { work: item, status } of ended) {
        await this.#fillWindow();
        yield* this.#collect(item, status);
      }
      // What a job did not embed may be enough for another one at once.
      if (ended.length === 0) await this.#rest(deadline);
    }
  }

  #enqueue({ shard, texts }: Work, place: 'first' | 'last' = 'last'): void {
    const origin = shard.state === 'submitted' ? 'earlier' : 'own';
    const unsettled = shard.triedAt !== '';
    const item: OpenWork = { shard, texts, dueAt: 0, failures: 0, unsettled, status: 'waiting', origin };
    this.#total += texts.length;
    this.shards.push(shard);
    if (shard.state === 'submitted') this.#open.set(shard.id, item);
    else if (place === 'first') this.#queue.unshift(item);
    else this.#queue.push(item);
  }

  /** Creates jobs while the window has room. A job that may have been created has its place in it. */
  async #fillWindow(): Promise<void> {
    for (;;) {
      if (this.#againIsEnough() && this.#hasRoom()) this.#sendAgain();
      const now = Date.now();
      const hasRoom = this.#hasRoom();
      const at = this.#queue.findIndex(({ dueAt, unsettled }) => dueAt <= now && (unsettled || hasRoom));
      const [item] = at === -1 ? [] : this.#queue.splice(at, 1);
      if (!item) return;
      await this.#submit(item);
    }
  }

  #hasRoom(): boolean {
    const unsettled = this.#queue.filter((item) => item.unsettled).length;
    return this.#open.size + unsettled < this.#settings.maxConcurrentJobs;
  }

  async #submit(item: OpenWork): Promise<void> {
    const submission = await this.#submitter.submit(item.shard, item.texts, item.failures);
    if (submission.done) {
      this.#open.set(item.shard.id, item);
      item.dueAt = this.#nextLook();
      item.failures = 0;
      this.#outcome.jobs += 1;
      return;
    }
    item.failures += submission.failed ? 1 : 0;
    item.dueAt = submission.againAt;
    item.unsettled = submission.unsettled;
    if (item.failures > maxCreations) await this.#fail(item, `its job could not be created: ${submission.reason}`);
    else this.#queue.unshift(item);
  }

  #nextLook(): number {
    return Date.now() + this.#settings.pollIntervalSeconds * 1000 * (0.8 + Math.random() * 0.4);
  }

  /** Looks at the jobs that are due; those that ended leave the window. */
  async #poll(): Promise<{ work: OpenWork; status: JobStatus | null }[]> {
    const now = Date.now();
    const due = [...this.#open.values()].filter(({ dueAt }) => dueAt <= now);
    const ended: { work: OpenWork; status: JobStatus | null }[] = [];
    for (const work of due) {
      const status = await this.#look(work);
      if (status === undefined || (status !== null && !isTerminal(status))) continue;
      this.#open.delete(work.shard.id);
      ended.push({ work, status });
    }
    this.#progress();
    return ended;
  }

  /** A job's status; undefined where the call failed, which the next look makes good. */
  async #look(work: OpenWork): Promise<JobStatus | null | undefined> {
    work.dueAt = this.#nextLook();
    try {
      const status = await getJob(this.#clients.bedrock, work.shard.jobArn ?? '', this.#context.signal);
      work.status = status?.status ?? 'gone';
      if (work.origin === 'earlier')
        work.origin = work.status === 'Stopping' || work.status === 'Stopped' ? 'stopped before' : 'own';
      return status;
    } catch (error) {
      this.#context.signal.throwIfAborted();
      const kind = failureKind(error);
      if (kind === 'denied' || kind === 'invalid') {
        throw new KnownError(
          `batch job ${work.shard.id} cannot be looked at: ${messageOf(error)}. It goes on; check the permission ` +
            'bedrock:GetModelInvocationJob and the credentials, and run again',
          { cause: error },
        );
      }
      work.status = messageOf(error);
      return undefined;
    }
  }

  /** Reads what an ended job left, and decides what becomes of the rest. */
  async *#collect(work: OpenWork, status: JobStatus | null): AsyncGenerator<EmbeddedText[]> {
    const { shard, texts } = work;
    const { batch } = this.#settings;
    const folder = `${outputPrefix(this.#settings, shard)}${shard.jobArn?.slice(-12) ?? ''}/`;
    const bucket = { name: batch?.outputBucket ?? '', owner: this.#settings.bucketOwner };
    const collected = yield* collectOutput(
      this.#clients.s3,
      bucket,
      folder,
      `${shard.id}.jsonl`,
      texts,
      shard.key,
      this.#context.signal,
    );
    this.#outcome.records += collected.embedded;
    this.#outcome.tokens += collected.tokens;
    this.#done += collected.embedded;
    this.#dispose(work, status, collected);
    shard.state = 'collected';
    shard.note = `${status?.status ?? 'gone'}: ${collected.embedded} of ${texts.length} texts`;
    await this.#journal.save(shard, this.#context.signal);
    this.#progress();
  }

  /** Where the texts go that an ended job did not embed. */
  #dispose({ shard, origin }: OpenWork, status: JobStatus | null, collected: Collected): void {
    const { missing, embedded, strange } = collected;
    if (missing.length === 0 && strange === 0) return;
    const odd = strange > 0 ? `, and ${strange} lines that are no answers` : '';
    const message = `batch job ${shard.id} is ${statusText(status)}; ${embedded} of ${shard.records} texts came back${odd}`;
    this.#context.report({ type: 'warning', message });
    this.#total -= missing.length;
    if (isTooSmall(status)) this.#minRecords = Math.max(this.#minRecords, shard.records + 1);
    for (const text of missing) {
      const { pending } = text;
      const { where, reason } = destinyOf(text, shard, status, origin === 'stopped before');
      if (where === 'again') this.#again.push({ pending, reason, attempt: shard.attempt + 1 });
      else if (where === 'onDemand') this.#outcome.left.push({ pending, reason });
      else this.#without(pending, reason, where === 'waits');
    }
  }

  #without({ hash }: PendingText, reason: string, waits: boolean): void {
    this.#outcome.unembedded.push({ hash, reason, waits });
  }

  #isIdle(): boolean {
    return this.#queue.length + this.#open.size === 0;
  }

  /** A full job is sent again before what has not been sent, a smaller one after it. */
  #againIsEnough(): boolean {
    return this.#again.length >= Math.max(this.#minRecords, this.#queue.length === 0 ? 1 : this.#settings.batchSize);
  }

  /** Deals what is to be sent again out to new jobs; what is too little for a job goes on demand. */
  #sendAgain(): void {
    const again = this.#again;
    this.#again = [];
    const attempt = again.reduce((most, text) => Math.max(most, text.attempt), 0);
    const texts = again.map(({ pending }) => pending);
    const quotas = { ...this.#settings, minRecords: this.#minRecords };
    const { work, rest } = newShards(this.#settings, quotas, texts, attempt);
    for (const item of work.toReversed()) this.#enqueue(item, 'first');
    const over = new Set(rest.map(({ hash }) => hash));
    this.#outcome.left.push(...again.filter(({ pending }) => over.has(pending.hash)));
  }

  async #fail(item: OpenWork, reason: string): Promise<void> {
    this.#total -= item.texts.length;
    for (const pending of item.texts) this.#without(pending, reason, true);
    // The journal keeps it: the next run looks for the job before it makes another.
    await this.#journal.save({ ...item.shard, note: reason }, this.#context.signal);
  }

  #giveUpWaiting(): BatchOutcome {
    for (const { shard, texts } of [...this.#open.values(), ...this.#queue]) {
      const reason = `batch job ${shard.id} did not end within embedding.bedrock.maxWaitSeconds (${this.#settings.maxWaitSeconds}); the next run takes it up`;
      for (const pending of texts) this.#without(pending, reason, true);
    }
    for (const { pending } of this.#again) this.#without(pending, 'there was no time to send it again', true);
    return this.#outcome;
  }

  async #rest(deadline: number): Promise<void> {
    const hasRoom = this.#hasRoom();
    const due = [...this.#open.values(), ...this.#queue.filter(({ unsettled }) => unsettled || hasRoom)];
    if (due.length === 0) return;
    const until = Math.min(deadline, ...due.map(({ dueAt }) => dueAt));
    await sleep(Math.max(0, until - Date.now()), undefined, { signal: this.#context.signal });
  }

  #progress(): void {
    const counts = new Map<string, number>();
    for (const { status } of this.#open.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
    const detail = [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
    const waiting = this.#queue.length > 0 ? `${detail ? ', ' : ''}${this.#queue.length} to come` : '';
    this.#context.report({
      type: 'progress',
      task: 'batch jobs',
      done: this.#done,
      total: this.#total,
      unit: 'texts',
      detail: `${detail}${waiting}`,
    });
  }
}

import { messageOf } from '../../errors.ts';
import type { StageContext } from '../../report/event.ts';
import type { PendingText } from '../provider.ts';
import type { Clients } from './clients.ts';
import { createJob, findJob } from './jobs.ts';
import type { Journal } from './journal.ts';
import type { BedrockSettings } from './settings.ts';
import type { Shard } from './shard.ts';

/** What came of an attempt to have a shard's job created. */
export type Submission =
  | { done: true }
  | { done: false; failed: boolean; unsettled: boolean; againAt: number; reason: string };

type Lookup = { kind: 'found'; jobArn: string } | { kind: 'absent' } | { kind: 'unsettled'; at: number };

/** Has jobs created, each once: the journal knows of every attempt before it is made, and after a lost reply the job is looked up by name. */
export class Submitter {
  readonly #clients: Clients;
  readonly #settings: BedrockSettings;
  readonly #journal: Journal;
  readonly #context: StageContext;
  #saidNoList = false;

  constructor(clients: Clients, settings: BedrockSettings, journal: Journal, context: StageContext) {
    this.#clients = clients;
    this.#settings = settings;
    this.#journal = journal;
    this.#context = context;
  }

  /**
   * Tries once; where it does not succeed, tells when to try again.
   * @param failures how often it has failed in a row
   * @throws KnownError where the service will never take the job as it is
   */
  async submit(shard: Shard, texts: readonly PendingText[], failures: number): Promise<Submission> {
    const { signal } = this.#context;
    try {
      if (shard.triedAt === '') await this.#journal.prepare(shard, texts, signal);
      else {
        const found = await this.#lookUp(shard);
        if (found.kind === 'found') return this.#submitted(shard, found.jobArn);
        if (found.kind === 'unsettled')
          return {
            done: false,
            failed: false,
            unsettled: true,
            againAt: found.at,
            reason: 'its creation was not answered',
          };
      }
    } catch (error) {
      signal.throwIfAborted();
      if (shard.triedAt === '') throw error;
      return this.#later(failures, messageOf(error), 0, true);
    }
    shard.triedAt = new Date().toISOString();
    await this.#journal.save(shard, signal);
    const creation = await createJob(
      this.#clients.creator,
      this.#settings,
      shard,
      this.#journal.inputKey(shard),
      signal,
    );
    if (creation.kind === 'created') return this.#submitted(shard, creation.jobArn);
    return this.#later(
      failures,
      creation.reason,
      creation.kind === 'unknown' ? this.#settings.settleMs : 0,
      creation.kind === 'unknown',
    );
  }

  async #submitted(shard: Shard, jobArn: string): Promise<Submission> {
    shard.jobArn = jobArn;
    shard.state = 'submitted';
    await this.#journal.save(shard, this.#context.signal);
    return { done: true };
  }

  /** Whether a job that may have been created is there. It may take a while until the list shows a new job. */
  async #lookUp(shard: Shard): Promise<Lookup> {
    const jobArn = await findJob(this.#clients.bedrock, shard.id, this.#context.signal);
    if (typeof jobArn === 'string') return { kind: 'found', jobArn };
    const settled = Date.parse(shard.triedAt) + this.#settings.settleMs;
    if (jobArn === null) return Date.now() < settled ? { kind: 'unsettled', at: settled } : { kind: 'absent' };
    if (!this.#saidNoList) {
      const message =
        'bedrock:ListModelInvocationJobs is not allowed: whether a job was created though its reply was lost cannot be looked up; ' +
        'it is created again with the same clientRequestToken, which the service should recognise';
      this.#context.report({ type: 'warning', message });
    }
    this.#saidNoList = true;
    return { kind: 'absent' };
  }

  #later(failures: number, reason: string, atLeast: number, unsettled: boolean): Submission {
    const backoff = Math.min(this.#settings.backoffMs * 2 ** failures, 60_000) * (0.5 + Math.random());
    return { done: false, failed: true, unsettled, againAt: Date.now() + Math.max(backoff, atLeast), reason };
  }
}

import type { VectorKey } from '../provider.ts';

/** A batch job and what it embeds, as the journal keeps it. */
export interface Shard {
  /** Name of its files and objects, and of its job. */
  id: string;
  /** The run that made it; its objects are under a prefix of this name. */
  run: string;
  key: VectorKey;
  /** How often its texts have been sent in a job, this one included. */
  attempt: number;
  records: number;
  token: string;
  /**
   * creating: the job may or may not have been created; submitted: it was; collected: what it embedded is on this machine; settled: and
   * in the dataset.
   */
  state: 'creating' | 'submitted' | 'collected' | 'settled';
  /** When its creation was last tried; empty where it was not. */
  triedAt: string;
  jobArn?: string;
  /** What became of it, for people. */
  note?: string;
}

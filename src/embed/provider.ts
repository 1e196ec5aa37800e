import type { StageContext } from '../report/event.ts';

/** A text that has no vector yet. */
export interface PendingText {
  /** SHA-256 (hex) of the text. */
  hash: string;
  text: string;
}

/** What a vector depends on beside its text. */
export interface VectorKey {
  model: string;
  dimensions: number;
  normalize: boolean;
}

export interface EmbeddedText {
  hash: string;
  vector: Float32Array;
}

/** What embedding takes, as far as can be told before. */
export interface Estimate {
  texts: number;
  tokens: number;
  /** Batch jobs, and calls on demand. */
  jobs: number;
  calls: number;
  /** US dollars. */
  cost: number;
  /** Seconds at the quota, or null where nobody can tell. */
  seconds: number | null;
}

/** What was really used. */
export interface Usage {
  jobs: number;
  batchRecords: number;
  batchTokens: number;
  onDemandCalls: number;
  onDemandTokens: number;
  /** Calls whose reply was lost, or that were in flight when a run was killed: they may have been paid for in vain. */
  maybePaidInVain: number;
  /** US dollars. */
  cost: number;
}

/** A text that has no vector in the end, and why. */
export interface Unembedded {
  hash: string;
  reason: string;
  /** True where nothing is wrong with the text: a later run will embed it. */
  waits: boolean;
}

/** What came of embedding, apart from the vectors. */
export interface EmbeddingOutcome {
  unembedded: Unembedded[];
  usage: Usage;
}

/** Who computes vectors. */
export interface EmbeddingProvider {
  name: 'bedrock' | 'local';
  key: VectorKey;
  /** Texts that an earlier run sent off: their vectors come in without being asked for again. */
  inFlight: (context: StageContext) => Promise<ReadonlySet<string>>;
  estimate: (pending: readonly PendingText[]) => Promise<Estimate>;
  /**
   * The vectors of the texts, most urgent first, in batches as they come; those in flight come, too. The consumer makes a
   * batch durable before it asks for the next one.
   */
  embed: (pending: readonly PendingText[], context: StageContext) => AsyncGenerator<EmbeddedText[], EmbeddingOutcome>;
  /** The vector of a query. */
  embedQuery: (text: string, signal: AbortSignal) => Promise<Float32Array>;
  /** Called once the dataset has all that came: what was kept for a resumption may go. */
  settled: (context: StageContext) => Promise<void>;
  close: () => Promise<void>;
}

export const noUsage: Readonly<Usage> = {
  jobs: 0,
  batchRecords: 0,
  batchTokens: 0,
  onDemandCalls: 0,
  onDemandTokens: 0,
  maybePaidInVain: 0,
  cost: 0,
};

import type { EmbeddedText, VectorKey } from './provider.ts';
import type { EmbeddedFields } from './text.ts';

/** What embedding reads of a package. */
export interface EmbeddableRow extends EmbeddedFields {
  package_id: string;
  content_hash: string;
  dependents: number;
  module_references: number;
  test_references: number;
}

/** Why packages have no vector, by content hash. */
export type Reasons = ReadonlyMap<string, { reason: string; waits: boolean }>;

/** What the packages have after vectors were put into them. */
export interface Attached {
  withVector: number;
  without: number;
  /** Rows that changed. */
  changed: number;
}

/** The dataset as embedding needs it; the store implements it. */
export interface EmbeddingDataset {
  rows: () => AsyncIterable<EmbeddableRow>;
  /** What made the vectors that the packages have now, or null where they have none. */
  current: () => Promise<(VectorKey & { provider: string }) | null>;
  /** The texts that the cache has a vector of. */
  known: (key: VectorKey) => Promise<ReadonlySet<string>>;
  /** Adds vectors to the cache. */
  add: (key: VectorKey, batches: AsyncIterable<EmbeddedText[]>, options: { replace: boolean }) => Promise<number>;
  /** Puts the cache's vectors into the packages, and the reasons beside those that have none. `anew` also where there is one already. */
  attach: (column: VectorKey & { provider: string }, reasons: Reasons, options: { anew: boolean }) => Promise<Attached>;
}

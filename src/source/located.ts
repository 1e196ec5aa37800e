import type { EvaluationTarget } from '../model.ts';

/** A package set that was found, and not fetched yet. */
export interface Located {
  /** Where it is, for messages. */
  origin: string;
  /** Equal keys mean that nothing changed, the user's overlays and config included. */
  key: string;
  revision: string | null;
  /** Brings it onto this machine. */
  fetch: () => Promise<EvaluationTarget>;
}

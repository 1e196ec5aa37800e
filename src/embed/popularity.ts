import type { EmbeddableRow } from './dataset.ts';
import type { PendingText } from './provider.ts';

/** A distinct text of the dataset. */
export interface Candidate extends PendingText {
  /** How much it is used: the higher, the sooner it is embedded. */
  popularity: number;
}

/**
 * How much a package is used, by what nixpkgs itself tells: modules and tests that name it weigh most, since people search for
 * applications and services; then how many packages need it.
 */
export function popularityOf(row: Pick<EmbeddableRow, 'dependents' | 'module_references' | 'test_references'>): number {
  return 2 * Math.log1p(row.module_references) + Math.log1p(row.test_references) + Math.log1p(row.dependents);
}

/** The most used first; equal ones in the order of their hashes, so that the same dataset always gives the same jobs. */
export function byPopularity(a: Candidate, b: Candidate): number {
  return b.popularity - a.popularity || (a.hash < b.hash ? -1 : 1);
}

import type { Catalog } from './catalog.ts';
import { textAt } from '../store/text-column.ts';

/** A cluster that was found: its best row and that row's points. */
export interface Candidate {
  cluster: number;
  row: number;
  points: number;
}

/** Folds scored rows to clusters, a cluster by its best row. */
export function fold(catalog: Catalog, rows: number[], pointsOf: (row: number) => number): Candidate[] {
  const best = new Int32Array(catalog.clusterIds.length).fill(-1);
  const candidates: Candidate[] = [];
  for (const row of rows) {
    const cluster = catalog.clusterOf[row] ?? 0;
    const points = pointsOf(row);
    const known = candidates[best[cluster] ?? -1];
    if (known === undefined) {
      best[cluster] = candidates.length;
      candidates.push({ cluster, row, points });
    } else if (points > known.points || (points === known.points && comparePaths(catalog, row, known.row) < 0)) {
      known.row = row;
      known.points = points;
    }
  }
  return candidates;
}

/** The best `count` candidates, in order. */
export function topOf(catalog: Catalog, candidates: Candidate[], count: number): Candidate[] {
  let kept = candidates;
  if (count < candidates.length) {
    const points = Float64Array.from(candidates, (candidate) => candidate.points).toSorted();
    const least = points[points.length - count] ?? 0;
    kept = candidates.filter((candidate) => candidate.points >= least);
  }
  return kept.toSorted((a, b) => b.points - a.points || comparePaths(catalog, a.row, b.row)).slice(0, count);
}

/** The shorter path first, then by code unit: the same in every dataset that holds the same packages. */
function comparePaths(catalog: Catalog, a: number, b: number): number {
  const [first, second] = [textAt(catalog.paths, a), textAt(catalog.paths, b)];
  return first.length - second.length || (first < second ? -1 : Number(first > second));
}

import { textAt } from '../store/text-column.ts';
import type { Catalog } from './catalog.ts';
import { knobs } from './knobs.ts';

type Loaded = Omit<Catalog, 'popularity' | 'use' | 'prior'>;

/** The points that do not depend on a query. */
export function weigh(catalog: Loaded): Pick<Catalog, 'popularity' | 'use' | 'prior'> {
  const use = useOf(catalog);
  return { popularity: popularityOf(catalog), use, prior: priorOf(catalog, use) };
}

/** For each row ln(1 + n) of what refers to this very attribute path. */
function useOf({ rows, columns: { numbers } }: Loaded): Float32Array {
  const sources = ['dependents', 'module_references', 'test_references'].map((name) => numbers[name]);
  const use = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1)
    use[row] = Math.log1p(sources.reduce((sum, source) => sum + (source?.[row] ?? 0), 0));
  return use;
}

/** Points of each cluster's popularity; see the knobs. */
function popularityOf({ columns, paths, clusterOf, clusterIds, memberStarts }: Loaded): Float32Array {
  const most = (name: string, counts: (row: number) => boolean = () => true): Float64Array => {
    const values = new Float64Array(clusterIds.length);
    const source = columns.numbers[name] ?? new Float64Array();
    for (const [row, cluster] of clusterOf.entries())
      if (counts(row)) values[cluster] = Math.max(values[cluster] ?? 0, source[row] ?? 0);
    return values;
  };
  const [modules, tests, dependents, rank, effort] = [
    most('module_references'),
    most('test_references'),
    most('dependents'),
    most('rank'),
    most('effort', (row) => !isNested(paths, row)),
  ];
  const points = new Float32Array(clusterIds.length);
  for (let cluster = 0; cluster < points.length; cluster += 1) {
    points[cluster] =
      knobs.effort * (effort[cluster] ?? 0) +
      knobs.modules * Math.log1p(modules[cluster] ?? 0) +
      knobs.tests * Math.log1p(tests[cluster] ?? 0) +
      knobs.dependents * Math.log1p(dependents[cluster] ?? 0) +
      knobs.rank * Math.log(Math.max(rank[cluster] ?? 1, 1)) +
      knobs.variants * Math.log((memberStarts[cluster + 1] ?? 0) - (memberStarts[cluster] ?? 0));
  }
  return points;
}

/** Points that a row itself gains or loses. */
function priorOf(
  { rows, columns: { numbers }, paths, clusterOf, clusterIds }: Loaded,
  use: Float32Array,
): Float32Array {
  const column = (name: string): Float64Array => numbers[name] ?? new Float64Array(rows);
  const [quality, broken, insecure, available] = [
    column('quality'),
    column('broken'),
    column('insecure'),
    column('available'),
  ];
  const points = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const namesake = textAt(paths, row) === clusterIds[clusterOf[row] ?? 0];
    points[row] =
      knobs.quality * (quality[row] ?? 0) +
      knobs.own * (use[row] ?? 0) +
      (namesake ? knobs.namesake : 0) -
      knobs.letter * ((paths.starts[row + 1] ?? 0) - (paths.leaves[row] ?? 0)) -
      knobs.broken * (broken[row] ?? 0) -
      knobs.insecure * (insecure[row] ?? 0) -
      (available[row] === 0 ? knobs.unavailable : 0) -
      (isNested(paths, row) ? knobs.nested : 0);
  }
  return points;
}

function isNested({ leaves, starts }: Loaded['paths'], row: number): boolean {
  return leaves[row] !== starts[row];
}

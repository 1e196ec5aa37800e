import type { Catalog } from './catalog.ts';
import { knobs } from './knobs.ts';

type Loaded = Omit<Catalog, 'popularity' | 'prior'>;

/** The points that do not depend on a query. */
export function weigh(catalog: Loaded): Pick<Catalog, 'popularity' | 'prior'> {
  return { popularity: popularityOf(catalog), prior: priorOf(catalog) };
}

/** Points of each cluster's popularity; see the knobs. */
function popularityOf({ columns, clusterOf, clusterIds, memberStarts }: Loaded): Float32Array {
  const most = (name: string): Float64Array => {
    const values = new Float64Array(clusterIds.length);
    const source = columns.numbers[name] ?? new Float64Array();
    for (const [row, cluster] of clusterOf.entries())
      values[cluster] = Math.max(values[cluster] ?? 0, source[row] ?? 0);
    return values;
  };
  const [modules, tests, dependents, rank] = [
    most('module_references'),
    most('test_references'),
    most('dependents'),
    most('rank'),
  ];
  const points = new Float32Array(clusterIds.length);
  for (let cluster = 0; cluster < points.length; cluster += 1) {
    points[cluster] =
      knobs.modules * Math.log1p(modules[cluster] ?? 0) +
      knobs.tests * Math.log1p(tests[cluster] ?? 0) +
      knobs.dependents * Math.log1p(dependents[cluster] ?? 0) +
      knobs.rank * Math.log(Math.max(rank[cluster] ?? 1, 1)) +
      knobs.variants * Math.log((memberStarts[cluster + 1] ?? 0) - (memberStarts[cluster] ?? 0));
  }
  return points;
}

/** Points that a row itself gains or loses. */
function priorOf({ rows, columns: { numbers }, paths }: Loaded): Float32Array {
  const column = (name: string): Float64Array => numbers[name] ?? new Float64Array(rows);
  const [quality, broken, insecure, available] = [
    column('quality'),
    column('broken'),
    column('insecure'),
    column('available'),
  ];
  const [dependents, modules, tests] = [column('dependents'), column('module_references'), column('test_references')];
  const points = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const own = (dependents[row] ?? 0) + (modules[row] ?? 0) + (tests[row] ?? 0);
    points[row] =
      knobs.quality * (quality[row] ?? 0) +
      knobs.own * Math.log1p(own) -
      knobs.letter * ((paths.starts[row + 1] ?? 0) - (paths.leaves[row] ?? 0)) -
      knobs.broken * (broken[row] ?? 0) -
      knobs.insecure * (insecure[row] ?? 0) -
      (available[row] === 0 ? knobs.unavailable : 0) -
      (paths.leaves[row] === paths.starts[row] ? 0 : knobs.nested);
  }
  return points;
}

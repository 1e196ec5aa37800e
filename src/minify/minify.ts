import type { Maintainer } from '../model.ts';
import { connectDataset, openTable } from '../store/connection.ts';
import { ensureFtsIndexes, type FtsOptions } from '../store/fts.ts';
import { writeGeneration } from '../store/generation.ts';
import { projectBatches, type DerivedColumn } from '../store/project.ts';
import { scanBatches } from '../store/scan.ts';
import { inputColumns } from '../store/tables/dependencies.ts';
import { minifiedDependenciesTable, minifiedPackagesTable } from '../store/tables/minified.ts';
import { overwriteTable } from '../store/write.ts';
import { vectorColumn } from '../store/vector-column.ts';
import { ensureVectorIndex, type VectorIndexOptions } from '../store/vector-index.ts';
import { stopwatch, type Timing } from '../stopwatch.ts';
import type { StageContext } from '../report/event.ts';

/** How the minified dataset is made. */
export interface MinifiedOptions {
  source: string;
  path: string;
  fts: FtsOptions;
  vectorIndex: VectorIndexOptions;
  /** What stands in the tables' metadata, such as the revision. */
  metadata: Record<string, string>;
}

/** What came of it. */
export interface MinifiedCounts {
  packages: number;
  dependencies: number;
  vectors: number;
  timings: Timing[];
}

/** Derives the minified dataset from a main one on disk; readers see it whole or not at all. */
export async function writeMinified(options: MinifiedOptions, context: StageContext): Promise<MinifiedCounts> {
  const main = await connectDataset(options.source);
  const packages = await openTable(main, 'packages');
  const dependencies = await openTable(main, 'dependencies');
  const vectorsBefore = await vectorColumn(packages);
  const watch = stopwatch(context.report);
  return writeGeneration(options.path, context, async ({ directory }) => {
    const connection = await connectDataset(directory, { create: true });
    const spec = minifiedPackagesTable(vectorsBefore);
    const rows = await watch('minified packages', () =>
      overwriteTable(connection, spec, projectBatches(scanBatches(packages), spec, packageRules), options.metadata),
    );
    const edges = await watch('minified dependencies', () => {
      const batches = scanBatches(dependencies, { columns: Object.keys(minifiedDependenciesTable.columns) });
      const compacted = projectBatches(batches, minifiedDependenciesTable, dependencyRules);
      return overwriteTable(connection, minifiedDependenciesTable, compacted, options.metadata);
    });
    const table = await openTable(connection, 'packages');
    await watch('full-text index', () => ensureFtsIndexes(table, options.fts));
    await watch('vector index', () => ensureVectorIndex(table, options.vectorIndex, context.report));
    const vectors = vectorsBefore === null ? 0 : await table.countRows('vector IS NOT NULL');
    return { keep: true, result: { packages: rows, dependencies: edges, vectors, timings: watch.timings } };
  });
}

const packageRules: Record<string, DerivedColumn> = {
  license: { from: 'license_expression', value: (expression) => expression },
  maintainers: { from: 'maintainers', value: (people) => handlesOf(people as Maintainer[]) },
  vector: { from: 'vector', value: (values) => values },
};

const dependencyRules = Object.fromEntries(
  Object.values(inputColumns).map(({ ids }): [string, DerivedColumn] => [
    ids,
    { from: ids, value: (values) => [...new Set((values as (string | null)[]).filter((id) => id !== null))] },
  ]),
);

function handlesOf(people: Maintainer[]): string[] {
  return people.flatMap(({ github, name }) => github ?? name ?? []);
}

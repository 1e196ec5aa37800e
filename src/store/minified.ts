import type { RecordBatch } from 'apache-arrow';
import type { Maintainer } from '../model.ts';
import { connectDataset, openTable } from './connection.ts';
import { ensureFtsIndexes, type FtsOptions } from './fts.ts';
import { writeGeneration } from './generation.ts';
import { projectBatch, type DerivedColumn } from './project.ts';
import { scanBatches } from './scan.ts';
import type { TableSpec } from './table.ts';
import { inputColumns } from './tables/dependencies.ts';
import { minifiedDependenciesTable, minifiedPackagesTable } from './tables/minified.ts';
import { overwriteTable } from './write.ts';
import { vectorColumn } from './vector-column.ts';
import { ensureVectorIndex, type VectorIndexOptions } from './vector-index.ts';
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
      overwriteTable(connection, spec, projected(scanBatches(packages), spec, packageRules), options.metadata),
    );
    const edges = await watch('minified dependencies', () => {
      const batches = scanBatches(dependencies, { columns: Object.keys(minifiedDependenciesTable.columns) });
      const compacted = projected(batches, minifiedDependenciesTable, dependencyRules);
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

async function* projected(
  batches: AsyncIterable<RecordBatch>,
  spec: TableSpec,
  rules: Record<string, DerivedColumn>,
): AsyncGenerator<RecordBatch> {
  for await (const batch of batches) yield projectBatch(batch, spec, rules);
}

function handlesOf(people: Maintainer[]): string[] {
  return people.flatMap(({ github, name }) => github ?? name ?? []);
}

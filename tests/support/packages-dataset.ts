import { inputKinds } from '../../src/model.ts';
import type { DependencyRow, InputKind, PackageRow } from '../../src/model.ts';
import { batchesOf } from '../../src/store/batch.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { ensureFtsIndexes } from '../../src/store/fts.ts';
import { dependenciesTable, inputColumns } from '../../src/store/tables/dependencies.ts';
import { packagesTable } from '../../src/store/tables/packages.ts';
import { ensureVectorIndex } from '../../src/store/vector-index.ts';
import { overwriteTable } from '../../src/store/write.ts';

const epoch = new Date(0);

/** A row of `packages` of which only what matters is said. */
export function packageRowOf(path: string, fields: Partial<PackageRow> = {}): PackageRow {
  return {
    package_id: path,
    package_name: path.split('.').at(-1) ?? path,
    version: '1.0',
    attribute_path: path,
    description: null,
    long_description: null,
    homepage: null,
    urls: [],
    license: [],
    license_expression: null,
    platforms: [],
    maintainers: [],
    teams: [],
    category: 'other',
    broken: false,
    unfree: false,
    available: true,
    insecure: false,
    unsupported: false,
    known_vulnerabilities: [],
    main_program: null,
    position: null,
    outputs_to_install: [],
    source_provenance: [],
    identifiers: { cpe: null, purl: null },
    priority: null,
    content_hash: '',
    availability: [],
    cluster_id: path,
    dependents: 0,
    module_references: 0,
    test_references: 0,
    rank: 1,
    quality: 0.8,
    effort: 0,
    last_updated: epoch,
    has_embedding: false,
    ...fields,
  };
}

/** A row of `dependencies` for a system, inputs by kind. */
export function dependencyRowOf(
  path: string,
  inputs: Partial<Record<InputKind, string[]>>,
  system = 'x86_64-linux',
): object {
  const row: Record<string, unknown> = {
    package_id: path,
    attribute_path: path,
    pname: path,
    version: '1.0',
    system,
    total_dependencies: new Set(Object.values(inputs).flat()).size,
    row_hash: '',
  };
  for (const kind of inputKinds) {
    row[inputColumns[kind].names] = inputs[kind] ?? [];
    row[inputColumns[kind].ids] = inputs[kind] ?? [];
  }
  return row satisfies Partial<DependencyRow>;
}

/** Writes a dataset with these rows and its full-text indexes. */
export async function writePackagesDataset(
  directory: string,
  packages: PackageRow[],
  dependencies: object[] = [],
  vectors: Map<string, number[]> | null = null,
): Promise<void> {
  const connection = await connectDataset(directory, { create: true });
  const dimensions = vectors?.values().next().value?.length ?? 0;
  const spec = packagesTable(vectors && { provider: 'local', model: 'test', dimensions, normalize: true });
  await overwriteTable(
    connection,
    spec,
    batchesOf(
      spec,
      packages.map((row) => ({ ...row, row_hash: '', vector: vectors?.get(row.package_id) ?? null })),
    ),
  );
  if (dependencies.length > 0)
    await overwriteTable(connection, dependenciesTable, batchesOf(dependenciesTable, dependencies));
  const table = await openTable(connection, 'packages');
  await ensureVectorIndex(table, { partitions: 4, subVectors: 4 }, () => {});
  await ensureFtsIndexes(table, { stemmer: 'english', stopwords: 'english' });
  connection.close();
}

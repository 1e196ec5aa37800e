import { inputKinds } from '../../model.ts';
import { list, utf8 } from '../column.ts';
import { vectorField, type VectorColumn } from '../vector-column.ts';
import type { Column, TableSpec } from '../table.ts';
import { dependenciesTable, inputColumns } from './dependencies.ts';
import { declaredColumns, derivedColumns } from './packages.ts';

/** Table `packages` of the minified dataset; vectors in half precision, which costs no recall worth the name. */
export function minifiedPackagesTable(vectors: VectorColumn | null): TableSpec {
  const { package_id, package_name, version, attribute_path, description, long_description } = declaredColumns;
  const { homepage, main_program, category } = declaredColumns;
  const { broken, unfree, available, insecure, unsupported } = declaredColumns;
  const { cluster_id, dependents, module_references, test_references, rank, quality, effort, has_embedding } =
    derivedColumns;
  const columns: Record<string, Column> = {
    package_id,
    package_name,
    version,
    attribute_path,
    description,
    long_description,
    homepage,
    license: declaredColumns.license_expression,
    maintainers: { type: list(utf8), doc: 'GitHub handles of the maintainers, members of teams included.' },
    broken,
    unfree,
    available,
    insecure,
    unsupported,
    main_program,
    category,
    dependents,
    module_references,
    test_references,
    rank,
    quality,
    effort,
    cluster_id,
    has_embedding,
  };
  if (vectors !== null) {
    const doc = 'The embedding of its text, in half precision; null where there is none.';
    columns['vector'] = vectorField(vectors, 'float16', doc);
  }
  return { name: 'packages', columns };
}

const { package_id, system } = dependenciesTable.columns;

/** Table `dependencies` of the minified dataset: package_ids alone. */
export const minifiedDependenciesTable: TableSpec = {
  name: 'dependencies',
  columns: {
    ...(package_id === undefined ? {} : { package_id }),
    ...(system === undefined ? {} : { system }),
    ...Object.fromEntries(
      inputKinds.map((kind): [string, Column] => {
        const { ids } = inputColumns[kind];
        return [
          ids,
          { type: list(utf8), doc: `The package_ids of the ${kind.replaceAll('_', ' ')} inputs that lead to one.` },
        ];
      }),
    ),
  },
};

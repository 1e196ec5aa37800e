import { inputKinds, type InputKind } from '../../model.ts';
import { int32, list, utf8 } from '../column.ts';
import type { Column, TableSpec } from '../table.ts';

/** The pair of columns that holds the inputs of a kind. */
export interface InputColumns {
  names: string;
  ids: string;
}

/** For each kind of input the columns of its names and of the package_ids that they resolve to. */
export const inputColumns: Record<InputKind, InputColumns> = {
  build: { names: 'build_inputs', ids: 'build_input_ids' },
  native_build: { names: 'native_build_inputs', ids: 'native_build_input_ids' },
  propagated_build: { names: 'propagated_build_inputs', ids: 'propagated_build_input_ids' },
  propagated_native_build: { names: 'propagated_native_build_inputs', ids: 'propagated_native_build_input_ids' },
  unknown: { names: 'unknown_inputs', ids: 'unknown_input_ids' },
};

const origin: Record<InputKind, string> = {
  build: '`buildInputs`',
  native_build: '`nativeBuildInputs`',
  propagated_build: '`propagatedBuildInputs`',
  propagated_native_build: '`propagatedNativeBuildInputs`',
  unknown: '`inputDrvs`, where a recording has only those',
};

/** Table `dependencies`, a row a package and system. */
export const dependenciesTable: TableSpec = {
  name: 'dependencies',
  columns: {
    package_id: { type: utf8, doc: 'Joins with `packages.package_id`.' },
    system: { type: utf8, doc: 'The evaluated system.' },
    pname: { type: utf8, doc: 'The package’s name.' },
    version: { type: utf8, nullable: true, doc: 'Its version on this system.' },
    attribute_path: { type: utf8, doc: 'The attribute path.' },
    ...Object.fromEntries(inputKinds.flatMap(columnsOf)),
    total_dependencies: { type: int32, doc: 'Distinct inputs over all kinds.' },
    row_hash: { type: utf8, doc: 'Hash (hex) of the row.' },
  },
};

function columnsOf(kind: InputKind): [string, Column][] {
  const { names, ids } = inputColumns[kind];
  return [
    [names, { type: list(utf8), doc: `Names of the inputs in ${origin[kind]}, in their order.` }],
    [ids, { type: list(utf8), doc: `The package_id of each name in \`${names}\`, null where it leads to none.` }],
  ];
}

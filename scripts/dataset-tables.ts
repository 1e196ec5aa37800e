import { typeText, type ColumnType } from '../src/store/column.ts';
import type { TableSpec } from '../src/store/table.ts';
import { clustersTable } from '../src/store/tables/clusters.ts';
import { dependenciesTable } from '../src/store/tables/dependencies.ts';
import { embeddingsTable } from '../src/store/tables/embeddings.ts';
import { errorsTable } from '../src/store/tables/errors.ts';
import { minifiedDependenciesTable, minifiedPackagesTable } from '../src/store/tables/minified.ts';
import { packagesTable } from '../src/store/tables/packages.ts';
import { runsTable } from '../src/store/tables/runs.ts';
import { unembeddedTable } from '../src/store/tables/unembedded.ts';
import { versionsTable } from '../src/store/tables/versions.ts';

const vectors = { provider: '', model: '', dimensions: 256, normalize: true };

/** The tables of both datasets, by the names of their places in docs/dataset.md. */
export const tables: Record<string, TableSpec> = {
  packages: packagesTable(vectors),
  dependencies: dependenciesTable,
  clusters: clustersTable,
  versions: versionsTable,
  errors: errorsTable,
  runs: runsTable,
  embeddings: embeddingsTable,
  unembedded: unembeddedTable,
  'minified-packages': minifiedPackagesTable(vectors),
  'minified-dependencies': minifiedDependenciesTable,
};

/** docs/dataset.md with the column tables between its markers made anew. */
export function withTables(markdown: string): string {
  return Object.entries(tables).reduce((text, [name, spec]) => {
    const [begin, end] = [`<!-- table:${name}:begin -->`, `<!-- table:${name}:end -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/dataset.md has no place for table ${name}: ${begin} … ${end}`);
    return `${text.slice(0, from + begin.length)}\n${columnTable(spec)}\n${text.slice(to)}`;
  }, markdown);
}

function columnTable({ columns }: TableSpec): string {
  const rows = Object.entries(columns).map(
    ([name, { type, nullable, doc }]) => `| \`${name}\` | ${shownType(type)}${nullable ? ', null' : ''} | ${doc} |`,
  );
  return ['| column | type | what |', '|---|---|---|', ...rows].join('\n');
}

/** Vectors are as wide as the model makes them. */
function shownType(type: ColumnType): string {
  return `\`${typeText(type).replace('[256]', '[dimensions]')}\``;
}

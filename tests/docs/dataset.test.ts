import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { tables, withTables } from '../../scripts/dataset-tables.ts';
import { loadConfig } from '../../src/config/load.ts';
import { runPipeline } from '../../src/pipeline.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { schemaOf, type TableSpec } from '../../src/store/table.ts';
import { minifiedPackagesTable } from '../../src/store/tables/minified.ts';
import { packagesTable } from '../../src/store/tables/packages.ts';
import { temporaryDirectory } from '../support/directory.ts';

test('docs/dataset.md has the columns that the code has', async () => {
  const markdown = await readFile(new URL('../../docs/dataset.md', import.meta.url), 'utf8');
  assert.equal(withTables(markdown), markdown, 'run npm run generate');
  const places = [...markdown.matchAll(/<!-- table:(.*):begin -->/g)].map(([, name = '']) => name);
  assert.deepEqual(places.toSorted(), Object.keys(tables).toSorted(), 'each table has one place');
});

suite('what stands on disk is what the specs say', async () => {
  const withoutVectors = { ...tables, packages: packagesTable(null), 'minified-packages': minifiedPackagesTable(null) };

  test('in both datasets, made of the sample', async (t) => {
    const directory = await temporaryDirectory(t);
    const paths = { main: join(directory, 'main.lancedb'), minified: join(directory, 'minified.lancedb') };
    const sets = [
      'nixpkgs.source=jsonl',
      'nixpkgs.path=sample/nixpkgs-sample.jsonl',
      'embedding.provider=none',
      `output.path=${paths.main}`,
      `output.minifiedPath=${paths.minified}`,
    ];
    const { config } = await loadConfig({ sets, cwd: process.cwd(), env: {} });
    const context = { signal: new AbortController().signal, report: () => {} };
    await runPipeline(config, { force: false }, context, { seconds: {} });

    const found: Record<string, string[]> = {};
    for (const [dataset, path] of Object.entries(paths)) {
      const connection = await connectDataset(path);
      for (const name of await connection.tableNames()) {
        const key = dataset === 'main' ? name : `minified-${name}`;
        const schema = await (await openTable(connection, name)).schema();
        assert.equal(schema.metadata.get('schema_version'), '1', key);
        found[key] = schema.fields.map(({ name: column, type, nullable }) => `${column}: ${type}, ${nullable}`);
      }
    }
    const expected = Object.entries(withoutVectors).filter(([key]) => key !== 'embeddings' && key !== 'unembedded');
    assert.deepEqual(found, Object.fromEntries(expected.map(([key, spec]) => [key, fieldsOf(spec)])));
  });
});

function fieldsOf(spec: TableSpec): string[] {
  return schemaOf(spec).fields.map(({ name, type, nullable }) => `${name}: ${type}, ${nullable}`);
}

// Writes what derives from config.schema.json (the types, and the tables between `<!-- config:begin -->` and
// `<!-- config:end -->` in Markdown files) and from the tables' specs (the column tables of docs/dataset.md). With --check it writes nothing and exits 1 where a file is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';
import { schema } from '../src/config/schema.ts';
import { renderTable, replaceTable } from '../src/config/table.ts';
import { withTables } from './dataset-tables.ts';

/** Every section and key of the resolved configuration is there, so each is required. */
function requireAll(node) {
  if (node.properties === undefined) return node;
  const properties = Object.fromEntries(
    Object.entries(node.properties).map(([key, child]) => [key, requireAll(child)]),
  );
  return { ...node, properties, required: Object.keys(properties) };
}

async function renderTypes() {
  const source = await compile(requireAll(structuredClone(schema)), 'Config', {
    bannerComment: '// Generated from config.schema.json by `npm run generate`: edit that file instead.',
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    style: { printWidth: 120, singleQuote: true },
  });
  // `"auto"` and no other string is what the pattern says; the type can say it too.
  return source.replaceAll(/\b(number|boolean) \| string;/g, "$1 | 'auto';");
}

const check = process.argv.includes('--check');
const outputs = [['src/config/config.generated.ts', await renderTypes()]];
for (const file of ['README.md', 'docs/configuration.md']) {
  if (existsSync(file)) outputs.push([file, replaceTable(readFileSync(file, 'utf8'), renderTable(schema))]);
}

outputs.push(['docs/dataset.md', withTables(readFileSync('docs/dataset.md', 'utf8'))]);

for (const [file, text] of outputs) {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (before === text) continue;
  if (check) {
    process.stderr.write(`${file} is out of date: run npm run generate\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    process.stderr.write(`wrote ${file}\n`);
  }
}

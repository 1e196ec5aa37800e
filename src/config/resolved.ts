import type { Config } from './config.generated.ts';
import { yamlEntry } from './yaml-entry.ts';
import { describeOrigin } from './problem.ts';
import type { Origin } from './problem.ts';
import { isTree } from './merge.ts';
import { isSection, schema } from './schema.ts';
import type { SchemaNode } from './schema.ts';

/** The configuration in force as YAML, which can be read in again; each value has its origin beside it. */
export function renderResolved(config: Config, origins: ReadonlyMap<string, Origin>): string {
  const rows = rowsOf({ ...config }, schema, [], origins);
  const width = Math.min(60, Math.max(...rows.map(({ origin, text }) => (origin === '' ? 0 : text.length))));
  const lines = rows.map(({ text, origin }) => (origin === '' ? text : `${text.padEnd(width)}  # ${origin}`));
  return `${lines.join('\n')}\n`;
}

interface Row {
  text: string;
  origin: string;
}

function rowsOf(
  tree: Record<string, unknown>,
  section: SchemaNode,
  path: string[],
  origins: ReadonlyMap<string, Origin>,
): Row[] {
  const indent = '  '.repeat(path.length);
  const rows: Row[] = [];
  for (const [name, node] of Object.entries(section.properties ?? {})) {
    const value = tree[name];
    const here = path.concat(name);
    if (isSection(node)) {
      rows.push({ text: `${indent}${name}:`, origin: '' }, ...rowsOf(isTree(value) ? value : {}, node, here, origins));
    } else {
      const text = `${indent}${yamlEntry(name, value)}`;
      rows.push({ text, origin: originOf(here.join('.'), node, origins) });
    }
  }
  return rows;
}

/** Parts of a free-form map can have come from elsewhere than the map. */
function originOf(key: string, node: SchemaNode, origins: ReadonlyMap<string, Origin>): string {
  const own = [...origins]
    .filter(([name]) => name === key || name.startsWith(`${key}.`))
    .map(([, origin]) => describeOrigin(origin));
  if (own.length > 0) return [...new Set(own)].join('; ');
  return node['x-default'] === undefined ? 'default' : `default: ${node['x-default']}`;
}

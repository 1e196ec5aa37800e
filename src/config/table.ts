import { leavesOf, typesOf } from './schema.ts';
import type { SchemaNode } from './schema.ts';

const begin = '<!-- config:begin -->';
const end = '<!-- config:end -->';

/** The configuration's keys as a Markdown table. */
export function renderTable(schema: SchemaNode): string {
  const rows = leavesOf(schema).map(({ key, node }) =>
    [`\`${key}\``, allowed(node), shownDefault(node), node.description ?? ''].map(escapeCell).join(' | '),
  );
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...rows.map((row) => `| ${row} |`)].join('\n');
}

/** A Markdown text with the table between its markers replaced; a text without markers stays as it is. */
export function replaceTable(markdown: string, table: string): string {
  const from = markdown.indexOf(begin);
  const to = markdown.indexOf(end);
  if (from === -1 || to < from) return markdown;
  return `${markdown.slice(0, from + begin.length)}\n${table}\n${markdown.slice(to)}`;
}

/** What a key takes, in a few words. */
export function allowed(node: SchemaNode): string {
  if (node.enum !== undefined) return node.enum.map((value) => value ?? 'empty').join(', ');
  return typesOf(node)
    .filter((type) => type !== 'null')
    .map((type) => allowedOfType(node, type))
    .join(' or ');
}

function allowedOfType(node: SchemaNode, type: string): string {
  switch (type) {
    case 'string':
      return node.pattern === '^auto$' ? 'auto' : 'text';
    case 'integer':
    case 'number':
      return `${type === 'integer' ? 'whole number' : 'number'}, ${node.minimum} to ${node.maximum}`;
    case 'boolean':
      return 'true, false';
    case 'array':
      return 'list';
    default:
      return 'map';
  }
}

/** A key's default for people: a value, words where it is worked out, or a dash. */
function shownDefault(node: SchemaNode): string {
  if (node['x-default'] !== undefined) return node['x-default'];
  if (node.default === null) return '–';
  return `\`${typeof node.default === 'string' ? node.default : JSON.stringify(node.default)}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}

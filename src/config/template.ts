import { yamlEntry } from './yaml-entry.ts';
import { isSection, schema } from './schema.ts';
import type { SchemaNode } from './schema.ts';
import { allowed } from './table.ts';

const width = 100;

/** A configuration file in which every key is commented out and shows its default. */
export function renderTemplate(): string {
  const head = [
    '# Configuration of fdnix-indexer. Every key is commented out and shows its default.',
    '# `fdnix-indexer config check` checks this file, `config print` shows what is in force.',
  ];
  return `${[...head, ...renderSection(schema, 0)].join('\n')}\n`;
}

function renderSection(section: SchemaNode, depth: number): string[] {
  return Object.entries(section.properties ?? {}).flatMap(([name, node]) =>
    isSection(node) ? renderHeading(name, node, depth) : renderKey(name, node, depth),
  );
}

function renderHeading(name: string, node: SchemaNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  return ['', ...comment(node.description ?? '', indent), `${indent}${name}:`, ...renderSection(node, depth + 1)];
}

function renderKey(name: string, node: SchemaNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const otherwise = node['x-default'] === undefined ? '' : ` Default: ${node['x-default']}.`;
  const text = `${node.description ?? ''} (${allowed(node)})${otherwise}`;
  const [example] = node.examples ?? [];
  const shown = node.default === null && example !== undefined ? example : node.default;
  return ['', ...comment(text, indent), `${indent}# ${yamlEntry(name, shown)}`];
}

function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}#`;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

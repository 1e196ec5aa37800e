import { isMap, isScalar, isSeq } from 'yaml';
import type { LineCounter, ParsedNode } from 'yaml';
import { messageOf } from '../errors.ts';
import { isYamlFault, parseYaml } from '../yaml.ts';
import { clip } from './problem.ts';
import type { Problem } from './problem.ts';

/** A configuration file's content: its tree, and the line of every key and list item by JSON pointer. */
export interface ConfigDocument {
  tree: unknown;
  lines: Map<string, number>;
}

interface LineTarget {
  lines: Map<string, number>;
  counter: LineCounter;
}

/** Parses a YAML or JSON file; `file` is what messages call it. */
export function parseConfig(text: string, file: string): ConfigDocument | Problem[] {
  const syntax = file.endsWith('.json') ? jsonSyntax(text, file) : [];
  if (syntax.length > 0) return syntax;
  const yaml = parseYaml(text);
  if (isYamlFault(yaml)) {
    const column = yaml.place === null ? '' : ` at column ${yaml.place.col}`;
    return [problem(file, yaml.place?.line ?? 0, `does not parse${column}: ${clip(yaml.message)}`)];
  }
  const lines = new Map<string, number>();
  collectLines(yaml.document.contents, '', { lines, counter: yaml.counter });
  return { tree: yaml.tree, lines };
}

function collectLines(node: ParsedNode | null, pointer: string, target: LineTarget): void {
  for (const [name, keyNode, value] of membersOf(node)) {
    const child = childPointer(pointer, name);
    target.lines.set(child, target.counter.linePos(keyNode.range[0]).line);
    collectLines(value, child, target);
  }
}

function membersOf(node: ParsedNode | null): [name: string, place: ParsedNode, value: ParsedNode | null][] {
  if (isMap<ParsedNode, ParsedNode | null>(node)) {
    return node.items.map(({ key, value }) => [isScalar(key) ? String(key.value) : String(key), key, value]);
  }
  if (isSeq<ParsedNode>(node)) return node.items.map((item, index) => [String(index), item, item]);
  return [];
}

/** The JSON pointer of a member, as ajv writes them. */
export function childPointer(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** JSON is stricter than YAML: comments, single quotes and trailing commas are not in it. */
function jsonSyntax(text: string, file: string): Problem[] {
  if (text.trim() === '') return [];
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    const message = messageOf(error);
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    const line = text.slice(0, offset).split('\n').length;
    return [problem(file, line, `does not parse as JSON: ${clip(message)}`)];
  }
}

function problem(file: string, line: number, message: string): Problem {
  return { origin: { kind: 'file', file, line }, key: null, message };
}

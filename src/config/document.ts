import { LineCounter, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { ParsedNode } from 'yaml';
import { messageOf } from '../errors.ts';
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

const maxDepth = 64;

/** Parses a YAML or JSON file; `file` is what messages call it. */
export function parseConfig(text: string, file: string): ConfigDocument | Problem[] {
  const syntax = file.endsWith('.json') ? jsonSyntax(text, file) : [];
  if (syntax.length > 0) return syntax;
  try {
    return parseYaml(text, file);
  } catch (error) {
    // A stack that overflowed is a RangeError too.
    const reason = error instanceof RangeError ? 'nested too deeply to be a configuration' : messageOf(error);
    return [problem(file, 0, `does not parse: ${clip(reason)}`)];
  }
}

function parseYaml(text: string, file: string): ConfigDocument | Problem[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: 'error' });
  // The first alone: what follows it is mostly its consequence.
  const [fault] = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (fault !== undefined) {
    const { line, col } = counter.linePos(fault.pos[0]);
    return [problem(file, line, `does not parse at column ${col}: ${clip(fault.message)}`)];
  }
  const lines = new Map<string, number>();
  collectLines(document.contents, 0, '', { lines, counter });
  return { tree: document.toJS({ maxAliasCount: 100 }), lines };
}

function collectLines(node: ParsedNode | null, depth: number, pointer: string, target: LineTarget): void {
  if (depth > maxDepth) throw new RangeError('too deep');
  for (const [name, keyNode, value] of membersOf(node)) {
    const child = childPointer(pointer, name);
    target.lines.set(child, target.counter.linePos(keyNode.range[0]).line);
    collectLines(value, depth + 1, child, target);
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

import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import { childPointer } from './document.ts';
import { quote } from './problem.ts';
import { nodeAt, schema, typesOf } from './schema.ts';
import type { SchemaNode } from './schema.ts';
import { closest } from './suggest.ts';

/** A value that the schema refuses. */
export interface Invalid {
  /** JSON pointer of the value. */
  pointer: string;
  message: string;
}

/** The keywords that config.schema.json adds to draft 7. */
const ownKeywords = ['x-default', 'x-expected', 'x-environment'];

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, verbose: true, keywords: ownKeywords });
const validate = ajv.compile(schema);

/** Everything about a merged configuration that the schema refuses, one entry a value. */
export function validateTree(tree: unknown): Invalid[] {
  const found = new Map<string, Invalid>();
  if (!validate(tree)) {
    for (const error of validate.errors ?? []) {
      if (!found.has(error.instancePath)) found.set(error.instancePath, toInvalid(error));
    }
  }
  for (const pointer of controlCharacters(tree)) {
    if (!found.has(pointer)) found.set(pointer, { pointer, message: 'contains a control character' });
  }
  return [...found.values()];
}

function toInvalid(error: ErrorObject): Invalid {
  const node = nodeAt(pathOf(error.instancePath)) ?? {};
  const data: unknown = error.data;
  return { pointer: error.instancePath, message: sentence(error, node, data) };
}

function sentence(error: ErrorObject, node: SchemaNode, data: unknown): string {
  switch (error.keyword) {
    case 'uniqueItems':
      return `holds the same item twice: ${quote(data)}`;
    case 'maxLength':
      return `is longer than ${node.maxLength} characters: ${quote(data)}`;
    case 'maxItems':
    case 'maxProperties':
      return `has more than ${node.maxItems ?? node.maxProperties} entries`;
    default:
      return `expected ${expectation(node)}, found ${quote(data)}${adviceOn(node, data)}`;
  }
}

/** What a key takes, as it stands after «expected». */
function expectation(node: SchemaNode): string {
  if (node['x-expected'] !== undefined) return node['x-expected'];
  if (node.enum !== undefined) {
    const words = node.enum.filter((word) => word !== null);
    return `one of ${words.join(', ')}${node.enum.includes(null) ? ', or empty' : ''}`;
  }
  const types = typesOf(node).filter((type) => type !== 'null');
  return types.map((type) => expectedOfType(node, type)).join(' or ');
}

function expectedOfType(node: SchemaNode, type: string): string {
  switch (type) {
    case 'integer':
    case 'number':
      return `a ${type === 'integer' ? 'whole number' : 'number'} from ${node.minimum} to ${node.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list of texts';
    case 'object':
      return node.properties === undefined ? 'a map' : `a section with ${Object.keys(node.properties).join(', ')}`;
    default:
      return node.minLength === undefined ? 'a text' : 'a text that is not empty';
  }
}

function adviceOn(node: SchemaNode, data: unknown): string {
  const words = (node.enum ?? []).filter((word) => word !== null);
  const [meant] = typeof data === 'string' && data !== '' ? closest(data, words) : [];
  if (meant !== undefined) return `; did you mean ${meant}?`;
  const types = typesOf(node);
  if (
    types.includes('string') &&
    node.pattern !== '^auto$' &&
    (typeof data === 'number' || typeof data === 'boolean') &&
    node.enum === undefined
  ) {
    return '; put it in quotes';
  }
  const version = typeof data === 'string' ? /^arn:aws[^:]*:lambda:.*:layer:[^:]+(:\d+)$/.exec(data)?.[1] : undefined;
  if (version !== undefined) return `; leave "${version}" out, since every publication makes a new version`;
  return '';
}

/** The names that a JSON pointer leads through. */
export function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** NUL and its like make paths that no system call takes, and terminals misbehave. */
function controlCharacters(value: unknown, pointer = ''): string[] {
  if (typeof value === 'string') return /[^\P{Cc}\t\n]/u.test(value) ? [pointer] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => controlCharacters(child, childPointer(pointer, name)));
}

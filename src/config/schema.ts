import { readFileSync } from 'node:fs';

type SchemaType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'null';

/** A node of config.schema.json: draft 7, and three annotations of its own. */
export interface SchemaNode {
  title?: string;
  description?: string;
  type?: SchemaType | SchemaType[];
  enum?: (string | null)[];
  default?: unknown;
  examples?: unknown[];
  properties?: Record<string, SchemaNode>;
  additionalProperties?: boolean | SchemaNode;
  items?: SchemaNode;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  maxProperties?: number;
  /** What the default comes to, in words, where it is worked out at run time. */
  'x-default'?: string;
  /** What a value looks like, in words, where a pattern says it. */
  'x-expected'?: string;
  /** The variables of the Python system that this key replaces. */
  'x-environment'?: string[];
}

/** A key of the configuration that has a value: its dotted name and its node. */
export interface Leaf {
  key: string;
  node: SchemaNode;
}

/** The schema's text, as it is shipped. */
export const schemaText = readFileSync(new URL('../../config.schema.json', import.meta.url), 'utf8');

/** The parsed config.schema.json. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file; a test compiles it with ajv in strict mode
export const schema = JSON.parse(schemaText) as SchemaNode;

/** The types that a node allows; an enumeration of words is of type string. */
export function typesOf(node: SchemaNode): SchemaType[] {
  if (node.type !== undefined) return Array.isArray(node.type) ? node.type : [node.type];
  return (node.enum ?? []).includes(null) ? ['string', 'null'] : ['string'];
}

/** Whether a node is a section: it has named keys and no value of its own. */
export function isSection(node: SchemaNode): boolean {
  return node.properties !== undefined;
}

/** All keys that have a value, in the schema's order. */
export function leavesOf(node: SchemaNode = schema, prefix: string[] = []): Leaf[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = [...prefix, name];
    return isSection(child) ? leavesOf(child, path) : [{ key: path.join('.'), node: child }];
  });
}

/** The node at a path of names; what lies inside a free-form map is described by that map's values. */
export function nodeAt(path: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema;
  for (const name of path) {
    node = childOf(node, name);
    if (node === undefined) return undefined;
  }
  return node;
}

function childOf(node: SchemaNode, name: string): SchemaNode | undefined {
  if (node.properties !== undefined) return Object.hasOwn(node.properties, name) ? node.properties[name] : undefined;
  if (node.items !== undefined && /^\d+$/.test(name)) return node.items;
  if (typeof node.additionalProperties === 'object') return node.additionalProperties;
  return node.additionalProperties === true || isAnything(node) ? {} : undefined;
}

/** A configuration that has every default and nothing else. */
export function defaultsOf(node: SchemaNode = schema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(node.properties ?? {}).map(([name, child]) => [
      name,
      isSection(child) ? defaultsOf(child) : structuredClone(child.default),
    ]),
  );
}

/** The node of a value inside a free-form map, of which the schema says nothing. */
function isAnything(node: SchemaNode): boolean {
  return Object.keys(node).length === 0;
}

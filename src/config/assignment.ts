import { isYamlFault, maxDepth, parseYaml, tooDeep } from '../yaml.ts';
import { adviceFor } from './suggest.ts';
import { isSection, leavesOf, nodeAt, typesOf } from './schema.ts';
import type { SchemaNode } from './schema.ts';

/** A `--set key=value` that was understood: where the value goes, and the value. */
export interface Assignment {
  path: string[];
  value: unknown;
}

/** What is wrong with a `--set`, with the key where one was named. */
export interface BadAssignment {
  key: string | null;
  message: string;
}

/** Reads `key=value`; the schema's type of the key decides how the value is read. */
export function parseAssignment(text: string): Assignment | BadAssignment {
  const equals = text.indexOf('=');
  if (equals <= 0) return { key: null, message: 'expected key=value, for example --set mode=metadata' };
  const key = text.slice(0, equals).trim();
  const path = key.split('.');
  if (path.length > maxDepth) return { key: null, message: tooDeep };
  const node = nodeAt(path);
  if (node === undefined) return { key, message: `unknown key${adviceFor(key)}` };
  if (isSection(node)) {
    const [example] = leavesOf(node, path);
    return { key, message: `is a section; set one of its keys, such as ${example?.key}` };
  }
  return { path, value: parseValue(text.slice(equals + 1), node) };
}

/** Whether an assignment failed. */
export function isBad(assignment: Assignment | BadAssignment): assignment is BadAssignment {
  return 'message' in assignment;
}

/**
 * A text as a value for a key: numbers and true or false where the key takes them, lists as YAML or separated by commas,
 * maps as YAML; a text that is none of what the key takes stays a text, which validation then refuses by its type.
 */
export function parseValue(text: string, node: SchemaNode): unknown {
  const types = typesOf(node);
  const trimmed = text.trim();
  if (Object.keys(node).length === 0) return parseYamlOr(trimmed, text);
  if (types.includes('array') && (!types.includes('string') || /^\[|,/.test(trimmed))) return parseList(trimmed);
  if (types.includes('object')) return trimmed === '' ? {} : parseYamlOr(trimmed, text);
  if (types.includes('boolean') && (trimmed === 'true' || trimmed === 'false')) return trimmed === 'true';
  if (
    (types.includes('number') || types.includes('integer')) &&
    /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed)
  ) {
    return Number(trimmed);
  }
  return trimmed;
}

function parseList(text: string): unknown {
  if (text === '') return [];
  if (text.startsWith('[')) return parseYamlOr(text, text);
  return text.split(',').map((item) => item.trim());
}

function parseYamlOr(text: string, fallback: unknown): unknown {
  const yaml = parseYaml(text);
  return isYamlFault(yaml) ? fallback : yaml.tree;
}

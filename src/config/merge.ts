import { childPointer } from './document.ts';
import { isSection, typesOf } from './schema.ts';
import type { SchemaNode } from './schema.ts';

/** A map with names that the schema decides about. */
export type Tree = Record<string, unknown>;

/** Whether a value is a map (and neither null nor a list). */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an overlay tells about the tree that it lays over the defaults. */
export interface OverlaySink {
  /** A key got a value. */
  onValue: (pointer: string) => void;
  onUnknown: (pointer: string) => void;
}

/** Lays a file's tree over a configuration, section by section; unknown keys are told and left out. */
export function overlay(target: Tree, tree: Tree, section: SchemaNode, sink: OverlaySink, pointer = ''): void {
  for (const [name, value] of Object.entries(tree)) {
    const here = childPointer(pointer, name);
    const child =
      section.properties !== undefined && Object.hasOwn(section.properties, name)
        ? section.properties[name]
        : undefined;
    const below = target[name];
    if (child === undefined) {
      sink.onUnknown(here);
    } else if (isSection(child) && isTree(value) && isTree(below)) {
      overlay(below, value, child, sink, here);
    } else if (!isSection(child) || value !== null) {
      // A section without keys beneath it reads as null: nothing was set.
      target[name] = settled(value, child);
      sink.onValue(here);
    }
  }
}

/** Puts one value at a path of names, making the maps on the way; the path was checked against the schema. */
export function assign(target: Tree, path: readonly string[], value: unknown, node: SchemaNode): void {
  let here = target;
  for (const name of path.slice(0, -1)) {
    const next = Object.hasOwn(here, name) ? here[name] : undefined;
    if (isTree(next)) {
      here = next;
    } else {
      const made: Tree = {};
      define(here, name, made);
      here = made;
    }
  }
  define(here, path.at(-1) ?? '', settled(value, node));
}

/** `__proto__` is a name like any other. */
function define(target: Tree, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Emptiness in the one form that the configuration has for it: null, an empty list or an empty map. */
function settled(value: unknown, node: SchemaNode): unknown {
  if (value !== null && value !== '') return value;
  const types = typesOf(node);
  if (Object.keys(node).length === 0) return value;
  if (types.includes('null')) return null;
  if (value === '') return value;
  if (types.includes('array')) return [];
  return types.includes('object') ? {} : value;
}

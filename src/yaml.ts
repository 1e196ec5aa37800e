import { isAlias, isCollection, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node } from 'yaml';
import { messageOf } from './errors.ts';

/** A YAML text that was read: its nodes, their lines, and the plain values. */
export interface YamlTree {
  document: Document.Parsed;
  counter: LineCounter;
  tree: unknown;
}

/** Why a YAML text was not taken. */
export interface YamlFault {
  /** Line and column, counted from 1; null where the fault lies with the whole text. */
  place: { line: number; col: number } | null;
  message: string;
}

/** As deep as a configuration may be nested. */
export const maxDepth = 64;

/** Reads one YAML document; its tree is finite and at most 64 deep, so that those who walk it come to an end. */
export function parseYaml(text: string): YamlTree | YamlFault {
  const counter = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: 'error' });
    // The first alone: what follows it is mostly its consequence.
    const [fault] = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
    if (fault !== undefined) {
      const message = fault.code === 'RESOURCE_EXHAUSTION' ? tooDeep : fault.message;
      return { place: counter.linePos(fault.pos[0]), message };
    }
    return shapeFault(document, counter) ?? { document, counter, tree: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    // A stack that overflowed is a RangeError too.
    return { place: null, message: error instanceof RangeError ? tooDeep : messageOf(error) };
  }
}

/** Whether a text was not taken. */
export function isYamlFault(result: YamlTree | YamlFault): result is YamlFault {
  return 'message' in result;
}

/** What is said of what is deeper. */
export const tooDeep = 'nested too deeply';

function shapeFault(document: Document.Parsed, counter: LineCounter): YamlFault | undefined {
  let fault: YamlFault | undefined;
  visit(document, {
    Node: (_key, node, path) => {
      const message = messageFor(node, path.filter(isCollection), document);
      if (message === undefined) return undefined;
      fault = { place: node.range ? counter.linePos(node.range[0]) : null, message };
      return visit.BREAK;
    },
  });
  return fault;
}

function messageFor(node: Node, around: readonly Node[], document: Document.Parsed): string | undefined {
  if (around.length > maxDepth) return tooDeep;
  const inItself = isAlias(node) && around.some((parent) => parent === node.resolve(document));
  return inItself ? `*${node.source} stands within what it stands for` : undefined;
}

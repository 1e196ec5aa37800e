import type { Config } from './config.generated.ts';
import type { Assignment } from './assignment.ts';
import { childPointer } from './document.ts';
import { assign, overlay } from './merge.ts';
import type { Tree } from './merge.ts';
import { configurationError } from './problem.ts';
import type { Origin, Problem } from './problem.ts';
import { violationsOf } from './rules.ts';
import { defaultsOf, nodeAt, schema } from './schema.ts';
import { adviceFor } from './suggest.ts';
import { thisSystem } from './system.ts';
import { pathOf, validateTree } from './validate.ts';

/** Defaults with layers laid over them; it remembers where each value came from and checks the whole at the end. */
export class Resolution {
  /** Where the values that were set came from, by dotted key. */
  readonly origins = new Map<string, Origin>();
  readonly #tree: Tree = defaultsOf();
  readonly #places = new Map<string, (pointer: string) => Origin>();
  readonly #problems: Problem[] = [];

  /** Lays a whole tree (a file) over what is there. */
  overlay(tree: Tree, place: (pointer: string) => Origin): void {
    overlay(this.#tree, tree, schema, {
      onValue: (pointer) => this.#remember(pathOf(pointer), place),
      onUnknown: (pointer) => {
        const key = pathOf(pointer).join('.');
        this.#problems.push({ origin: place(pointer), key, message: `unknown key${adviceFor(key)}` });
      },
    });
  }

  /** Sets one value at a path that the schema knows. */
  assign({ path, value }: Assignment, origin: Origin): void {
    assign(this.#tree, path, value, nodeAt(path) ?? {});
    this.#remember(path, () => origin);
  }

  /** The checked configuration; throws one UsageError with these and all other problems. */
  finish(further: readonly Problem[]): Config {
    const problems = [...this.#problems, ...further];
    const invalid = validateTree(this.#tree);
    for (const { pointer, message } of invalid) {
      problems.push({ origin: this.#originOf(pointer), key: pathOf(pointer).join('.'), message });
    }
    const refused = new Set(invalid.map(({ pointer }) => this.#reset(pathOf(pointer))));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- validated: what the schema refused has its default again
    const config = this.#tree as unknown as Config;
    for (const { keys, message } of violationsOf(config)) {
      if (keys.some((key) => [...refused].some((name) => `${key}.`.startsWith(`${name}.`)))) continue;
      const [key] = keys;
      const set = keys.find((name) => this.origins.has(name)) ?? key;
      problems.push({ origin: this.origins.get(key) ?? this.origins.get(set) ?? { kind: 'default' }, key, message });
    }
    if (problems.length > 0) throw configurationError(problems);
    if (config.nixpkgs.systems.length === 0) config.nixpkgs.systems = [thisSystem()];
    return config;
  }

  #remember(path: readonly string[], place: (pointer: string) => Origin): void {
    const pointer = path.reduce(childPointer, '');
    this.#places.set(pointer, place);
    this.origins.set(path.join('.'), place(pointer));
  }

  /** The origin of a value, or of the nearest thing around it. */
  #originOf(pointer: string): Origin {
    for (let around = pointer; around !== ''; around = around.slice(0, around.lastIndexOf('/'))) {
      const place = this.#places.get(around);
      if (place === undefined) continue;
      const exact = place(pointer);
      return exact.kind === 'file' && exact.line === 0 ? place(around) : exact;
    }
    return { kind: 'default' };
  }

  /** Puts the default back in place of a refused value, so that rules see the right types; tells its key. */
  #reset(path: readonly string[]): string {
    const known = path.findIndex((_, index) => nodeAt(path.slice(0, index + 1))?.properties === undefined);
    const key = known === -1 ? path : path.slice(0, known + 1);
    const node = nodeAt(key);
    if (node !== undefined && key.length > 0) {
      assign(this.#tree, key, node.properties === undefined ? structuredClone(node.default) : defaultsOf(node), node);
    }
    return key.join('.');
  }
}

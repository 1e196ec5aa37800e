import { KnownError } from '../../errors.ts';
import type { ErrorRow } from '../../model.ts';
import type { StageContext } from '../../report/event.ts';
import { TextPool } from '../texts/pool.ts';
import { SystemFacts } from './facts.ts';
import { PackageFacts } from './package-facts.ts';
import type { IncomingBatch, Portion } from './portion.ts';
import type { Spool } from './spool.ts';

/** One system's evaluation; `system` is null where only its packages can tell, `fallback` where not even they do. */
export interface IncomingSystem {
  system: string | null;
  fallback: string;
  /** The file or command that the lines come from, for messages. */
  origin: string;
  portions: AsyncIterable<Portion>;
}

/** What was taken in; the declared columns themselves are in the spool, in the order of `packages`. */
export interface Collected {
  packages: PackageFacts;
  systems: SystemFacts[];
  errors: ErrorRow[];
}

/** The error that a second line for an attribute path is. */
export type Duplicate = (attribute: string, place: { origin: string; line: number }) => IncomingBatch['errors'][number];

/**
 * Takes in all systems, one after the other: declared columns go to the spool, what has to be known of all packages at
 * once stays in memory. The columns of an attribute path are those of the first system that has it.
 */
export async function collect(
  incoming: Iterable<IncomingSystem>,
  spool: Spool,
  duplicate: Duplicate,
  { signal, report }: StageContext,
): Promise<Collected> {
  const collected: Collected = { packages: new PackageFacts(), systems: [], errors: [] };
  const drvPaths = new TextPool();
  const rowOf: number[] = [];
  for (const source of incoming) {
    const system = new SystemCollector(source.origin, new SystemFacts(drvPaths), collected.packages, rowOf, duplicate);
    for await (const portion of source.portions) {
      signal.throwIfAborted();
      const kept = system.take(portion);
      await spool.add(portion.declared, portion.packages.lines.length, kept);
      const done = system.facts.packages + system.errors.length;
      report({ type: 'progress', task: 'reading packages', done, unit: 'attributes' });
    }
    const { facts, errors } = system;
    facts.system = source.system ?? system.mostVoted() ?? source.fallback;
    facts.errors = errors.length;
    if (source.system === null) expectJobs(source.origin, facts, errors);
    for (const { attribute_path, class: kind, message } of errors) {
      collected.errors.push({ attribute_path, system: facts.system, class: kind, message });
    }
    collected.systems.push(facts);
  }
  drvPaths.close();
  collected.packages.close();
  await spool.finish();
  return collected;
}

/** A recording without a single job is another file, or one that was never filled; it must not replace a dataset. */
function expectJobs(origin: string, { lines, invalid }: SystemFacts, errors: IncomingBatch['errors']): void {
  if (lines > invalid) return;
  const found = lines === 0 ? 'it is empty' : `none of its ${lines} lines is a job; ${errors[0]?.message}`;
  throw new KnownError(
    `${origin} is no output of nix-eval-jobs: ${found}. Nothing was written. Compressed files must end in .zst, .gz or .br`,
  );
}

/** Collects one system's portions. */
class SystemCollector {
  readonly facts: SystemFacts;
  readonly errors: IncomingBatch['errors'] = [];
  /** Attribute paths, as numbers. */
  readonly #seen = new Set<number>();
  readonly #votes = new Map<string, number>();
  readonly #origin: string;
  readonly #packages: PackageFacts;
  /** The row of each attribute path, systems before included. */
  readonly #rowOf: number[];
  readonly #duplicate: Duplicate;

  constructor(origin: string, facts: SystemFacts, packages: PackageFacts, rowOf: number[], duplicate: Duplicate) {
    this.facts = facts;
    this.#origin = origin;
    this.#packages = packages;
    this.#rowOf = rowOf;
    this.#duplicate = duplicate;
  }

  /** Takes in a portion, and answers which of its packages are rows that no system before had. */
  take(portion: Portion): number[] {
    const { packages, systems, errors } = portion;
    const texts = this.#packages.numbered(packages);
    const add = this.facts.adder(portion, texts);
    const kept: number[] = [];
    for (const [index, attribute] of texts.attribute.entries()) {
      if (!this.#isNew(attribute, packages.lines[index] ?? 0)) continue;
      let row = this.#rowOf[attribute];
      if (row === undefined) {
        row = this.#packages.add(packages, texts, index);
        this.#rowOf[attribute] = row;
        kept.push(index);
      }
      add(row, index);
    }
    for (const [system, votes] of systems) this.#votes.set(system, (this.#votes.get(system) ?? 0) + votes);
    for (const error of errors) {
      const named = error.class === 'invalid' || error.class === 'duplicate' ? null : error.attribute_path;
      if (named === null || this.#isNew(this.#packages.attributes.idOf(named), error.line)) this.errors.push(error);
    }
    return kept;
  }

  /** A few packages are built for another system than the evaluated one, so the most frequent is it. */
  mostVoted(): string | undefined {
    return [...this.#votes].toSorted((a, b) => b[1] - a[1])[0]?.[0];
  }

  #isNew(attribute: number, line: number): boolean {
    if (this.#seen.has(attribute)) {
      const path = this.#packages.attributes.at(attribute) ?? '';
      this.errors.push(this.#duplicate(path, { origin: this.#origin, line }));
      return false;
    }
    this.#seen.add(attribute);
    return true;
  }
}

import { KnownError } from '../../errors.ts';
import type { StageContext } from '../../report/event.ts';
import { TextPool } from '../texts/pool.ts';
import { ErrorList } from './error-list.ts';
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
  errors: ErrorList;
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
  const packages = new PackageFacts();
  const errors = new ErrorList(packages.texts);
  const systems: SystemFacts[] = [];
  const drvPaths = new TextPool();
  const rowOf: number[] = [];
  const originOf = new Map<string, string>();
  for (const source of incoming) {
    const system = new SystemCollector(source.origin, {
      facts: new SystemFacts(drvPaths),
      packages,
      errors,
      rowOf,
      duplicate,
    });
    for await (const portion of source.portions) {
      signal.throwIfAborted();
      const kept = system.take(portion);
      await spool.add(portion.declared, portion.packages.lines.length, kept);
      report({ type: 'progress', task: 'read and normalize', done: system.facts.lines, unit: 'attributes' });
    }
    const { facts } = system;
    facts.system = source.system ?? system.mostVoted() ?? source.fallback;
    if (source.system === null) expectJobs(source.origin, facts, errors.messageAt(errors.length - facts.errors));
    expectOneOf(facts.system, source.origin, originOf);
    errors.endSystem(facts.system);
    systems.push(facts);
  }
  drvPaths.close();
  packages.close();
  await spool.finish();
  return { packages, systems, errors };
}

/** A recording without a single job is another file, or one that was never filled; it must not replace a dataset. */
function expectJobs(origin: string, { lines, invalid }: SystemFacts, firstError: string): void {
  if (lines > invalid) return;
  const found = lines === 0 ? 'it is empty' : `none of its ${lines} lines is a job; ${firstError}`;
  throw new KnownError(
    `${origin} is no output of nix-eval-jobs: ${found}. Nothing was written. Compressed files must end in .zst, .gz or .br`,
  );
}

/** Two evaluations of one system would give its packages two rows each in `dependencies`. */
function expectOneOf(system: string, origin: string, originOf: Map<string, string>): void {
  const other = originOf.get(system);
  if (other !== undefined)
    throw new KnownError(
      `${origin} and ${other} are both of ${system}, and a dataset takes one recording a system (nixpkgs.path). Nothing was written`,
    );
  originOf.set(system, origin);
}

/** What systems have in common. */
interface Collecting {
  facts: SystemFacts;
  packages: PackageFacts;
  errors: ErrorList;
  /** The row of each attribute path, systems before included. */
  rowOf: number[];
  duplicate: Duplicate;
}

/** Collects one system's portions. */
class SystemCollector {
  readonly facts: SystemFacts;
  /** Attribute paths, as numbers. */
  readonly #seen = new Set<number>();
  readonly #votes = new Map<string, number>();
  readonly #origin: string;
  readonly #into: Collecting;

  constructor(origin: string, into: Collecting) {
    this.facts = into.facts;
    this.#origin = origin;
    this.#into = into;
  }

  /** Takes in a portion, and answers which of its packages are rows that no system before had. */
  take(portion: Portion): number[] {
    const { packages, rowOf } = this.#into;
    const texts = packages.numbered(portion.packages);
    const add = this.facts.adder(portion, texts);
    const kept: number[] = [];
    for (const [index, attribute] of texts.attribute.entries()) {
      if (!this.#isNew(attribute, portion.packages.lines[index] ?? 0)) continue;
      let row = rowOf[attribute];
      if (row === undefined) {
        row = packages.add(portion.packages, texts, index);
        rowOf[attribute] = row;
        kept.push(index);
      }
      add(row, index);
    }
    for (const [system, votes] of portion.systems) this.#votes.set(system, (this.#votes.get(system) ?? 0) + votes);
    for (const error of portion.errors) {
      const named = error.class === 'invalid' || error.class === 'duplicate' ? null : error.attribute_path;
      if (named === null || this.#isNew(packages.attributes.idOf(named), error.line)) this.#addError(error);
    }
    return kept;
  }

  /** A few packages are built for another system than the evaluated one, so the most frequent is it. */
  mostVoted(): string | undefined {
    return [...this.#votes].toSorted((a, b) => b[1] - a[1])[0]?.[0];
  }

  #isNew(attribute: number, line: number): boolean {
    if (this.#seen.has(attribute)) {
      const path = this.#into.packages.attributes.at(attribute) ?? '';
      this.#addError(this.#into.duplicate(path, { origin: this.#origin, line }));
      return false;
    }
    this.#seen.add(attribute);
    return true;
  }

  #addError(error: IncomingBatch['errors'][number]): void {
    this.#into.errors.add(error);
    this.facts.errors += 1;
  }
}

import { hash } from 'node:crypto';
import type { ErrorRow, NormalizedPackage } from '../../model.ts';
import type { StageContext } from '../../report/event.ts';
import { SystemFacts } from './facts.ts';
import type { Spool } from './spool.ts';

/** A batch of one system's packages and errors, as normalize makes them. */
export interface IncomingBatch {
  packages: NormalizedPackage[];
  errors: Omit<ErrorRow, 'system'>[];
  invalid: number;
}

/** One system's evaluation; `system` is null where only its packages can tell. */
export interface IncomingSystem {
  system: string | null;
  batches: AsyncIterable<IncomingBatch>;
}

/** What identity, ranking and the other columns that need all packages are computed from; one entry a row. */
export interface Collected {
  attributes: string[];
  names: string[];
  positions: (string | null)[];
  homepages: (string | null)[];
  /** Hash of the columns that the spool holds. */
  declaredHashes: string[];
  contentHashes: string[];
  quality: number[];
  systems: SystemFacts[];
  errors: ErrorRow[];
}

/**
 * Takes in all systems, one after the other: declared columns go to the spool, what has to be known of all packages at
 * once stays in memory. The columns of an attribute path are those of the first system that has it.
 */
export async function collect(
  incoming: Iterable<IncomingSystem>,
  spool: Spool,
  quality: (row: NormalizedPackage['declared']) => number,
  { signal, report }: StageContext,
): Promise<Collected> {
  const collected: Collected = {
    attributes: [],
    names: [],
    positions: [],
    homepages: [],
    declaredHashes: [],
    contentHashes: [],
    quality: [],
    systems: [],
    errors: [],
  };
  const rowOf = new Map<string, number>();
  for (const { system, batches } of incoming) {
    const facts = new SystemFacts();
    const votes = new Map<string, number>();
    const errors: IncomingBatch['errors'] = [];
    for await (const batch of batches) {
      signal.throwIfAborted();
      for (const entry of batch.packages) {
        let row = rowOf.get(entry.declared.attribute_path);
        if (row === undefined) {
          row = rowOf.size;
          rowOf.set(entry.declared.attribute_path, row);
          addRow(collected, entry.declared, quality(entry.declared));
          await spool.add(entry.declared);
        }
        facts.add(row, entry);
        if (entry.system !== null) votes.set(entry.system, (votes.get(entry.system) ?? 0) + 1);
      }
      errors.push(...batch.errors);
      facts.invalid += batch.invalid;
      report({ type: 'progress', task: 'reading packages', done: facts.packages + errors.length, unit: 'attributes' });
    }
    facts.system = system ?? mostVoted(votes);
    facts.errors = errors.length;
    facts.lines = facts.packages + errors.length;
    for (const error of errors) collected.errors.push({ ...error, system: facts.system });
    collected.systems.push(facts);
  }
  await spool.finish();
  return collected;
}

function addRow(collected: Collected, declared: NormalizedPackage['declared'], quality: number): void {
  collected.attributes.push(declared.attribute_path);
  collected.names.push(declared.package_name);
  collected.positions.push(declared.position);
  collected.homepages.push(declared.homepage);
  collected.declaredHashes.push(hash('sha256', JSON.stringify(declared)));
  collected.contentHashes.push(declared.content_hash);
  collected.quality.push(quality);
}

/** A few packages are built for another system than the evaluated one, so the most frequent is it. */
function mostVoted(votes: Map<string, number>): string {
  return [...votes].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 'unknown';
}

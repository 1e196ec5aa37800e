import { inputKinds } from '../../model.ts';
import { none } from '../growable.ts';
import type { SystemFacts } from './facts.ts';

/** Where derivations lead: for each number of a derivation the package of this system, or -1. */
export type Targets = Int32Array;

/**
 * Resolves derivations to packages. One with several attribute paths is the shortest of them, and among equally long
 * ones the first by code point.
 */
export function resolveTargets(facts: SystemFacts, idOf: (row: number) => string): Targets {
  const targets = new Int32Array(facts.drvPaths.length).fill(-1);
  const attributeOf = (index: number) => idOf(facts.rows.at(index));
  for (let index = 0; index < facts.packages; index += 1) {
    const derivation = facts.derivations.at(index);
    if (derivation === none) continue;
    const known = targets[derivation] ?? -1;
    if (known < 0 || comesBefore(attributeOf(index), attributeOf(known))) targets[derivation] = index;
  }
  return targets;
}

/** The edges of a system that lead to packages, with repetitions, as rows of the dataset. */
export interface Edges {
  from: Uint32Array;
  to: Uint32Array;
  /** Index into inputKinds. */
  kind: Uint8Array;
}

/** How many inputs of a system lead to packages. */
export function countResolved({ inputs }: SystemFacts, targets: Targets): number {
  let count = 0;
  for (const derivation of inputs) if ((targets[derivation] ?? -1) >= 0) count += 1;
  return count;
}

/** All edges of a system that resolve; there are `length` of them. */
export function edgesOf(facts: SystemFacts, targets: Targets, length: number): Edges {
  const edges = { from: new Uint32Array(length), to: new Uint32Array(length), kind: new Uint8Array(length) };
  let count = 0;
  const { inputs } = facts;
  for (let index = 0; index < facts.packages; index += 1) {
    let at = facts.startOf(index);
    for (let kind = 0; kind < inputKinds.length; kind += 1) {
      for (const end = facts.endOf(index, kind); at < end; at += 1) {
        const target = targets[inputs[at] ?? 0] ?? -1;
        if (target < 0) continue;
        edges.from[count] = facts.rows.at(index);
        edges.to[count] = facts.rows.at(target);
        edges.kind[count] = kind;
        count += 1;
      }
    }
  }
  return edges;
}

function comesBefore(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}

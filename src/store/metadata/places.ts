import type { Availability } from '../../model.ts';
import { none } from '../growable.ts';
import type { SystemFacts } from './facts.ts';

/** A system, and which of its packages each row of the dataset is, or `none`. */
export interface Place {
  facts: SystemFacts;
  indexOf: Uint32Array;
}

/** The places of so many rows in each system. */
export function placesOf(rows: number, systems: readonly SystemFacts[]): Place[] {
  return systems.map((facts) => {
    const indexOf = new Uint32Array(rows).fill(none);
    for (const [index, row] of facts.rows.view().entries()) indexOf[row] = index;
    return { facts, indexOf };
  });
}

/** For each row, for each system that has it, derivation and flags; systems in the order of the configuration. */
export function availabilityOf(rows: number, systems: readonly SystemFacts[]): (row: number) => Availability[] {
  const places = placesOf(rows, systems);
  return (row) =>
    places.flatMap(({ facts, indexOf }) => {
      const index = indexOf[row] ?? none;
      return index === none ? [] : [availability(facts, index)];
    });
}

function availability(facts: SystemFacts, index: number): Availability {
  const flags = facts.flags.at(index);
  return {
    system: facts.system,
    drv_path: facts.drvPathOf(index),
    available: (flags & 1) !== 0,
    broken: (flags & 2) !== 0,
    unsupported: (flags & 4) !== 0,
  };
}

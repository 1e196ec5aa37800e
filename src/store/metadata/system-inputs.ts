import { inputKinds, type InputKind } from '../../model.ts';
import { nameOfDrvPath, splitName } from '../../names.ts';
import { none } from '../growable.ts';
import type { SystemFacts } from './facts.ts';
import type { Targets } from './resolve.ts';

/** One system's packages with their inputs, resolved, as plain values that can go to another thread. */
export interface SystemInputs {
  system: string;
  /** The package_id of each row of the dataset. */
  ids: readonly string[];
  /** Of each of the system's packages its row, name and version. */
  rows: Uint32Array;
  names: (string | null)[];
  versions: (string | null)[];
  /** All inputs as numbers of derivations, package by package and kind by kind, and where those of each end. */
  inputs: Uint32Array;
  ends: Uint32Array;
  /** Of each derivation the package that it leads to, or `none`, and then its name. */
  targets: Uint32Array;
  otherNames: (string | null)[];
}

/** One package's inputs of a kind: their names, and the package_ids that they lead to. */
interface Inputs {
  names: string[];
  ids: (string | null)[];
}

/** A package's inputs on a system. */
export interface PackageInputs {
  row: number;
  packageId: string;
  system: string;
  pname: string;
  version: string | null;
  inputs: Record<InputKind, Inputs>;
  total: number;
}

/** A system's packages and inputs out of what is known of it and where its derivations lead. */
export function systemInputs(facts: SystemFacts, targets: Targets, ids: readonly string[]): SystemInputs {
  const packages = Array.from({ length: facts.packages }, (_, index) => index);
  return {
    system: facts.system,
    ids,
    rows: facts.rows.view(),
    names: packages.map((index) => facts.names.at(index)),
    versions: packages.map((index) => facts.versions.at(index)),
    inputs: facts.inputs,
    ends: facts.ends,
    targets: Uint32Array.from(targets, (target) => (target < 0 ? none : target)),
    otherNames: facts.drvPaths.texts.map((drvPath, derivation) =>
      (targets[derivation] ?? -1) < 0 ? splitName(nameOfDrvPath(drvPath)).pname : null,
    ),
  };
}

/** Every package's inputs on a system, in the order in which the packages came. */
export function* packageInputs(source: SystemInputs): Generator<PackageInputs> {
  const { system, ids, rows, names, versions, inputs: derivations, ends } = source;
  const inputAt = inputReader(source);
  let at = 0;
  for (const [index, row] of rows.entries()) {
    const inputs = {} as Record<InputKind, Inputs>;
    const start = at;
    for (const [kind, kindName] of inputKinds.entries()) {
      const found: Inputs = { names: [], ids: [] };
      for (const end = ends[index * inputKinds.length + kind] ?? at; at < end; at += 1) inputAt(at, found);
      inputs[kindName] = found;
    }
    yield {
      row,
      packageId: ids[row] ?? '',
      system,
      pname: names[index] ?? '',
      version: versions[index] ?? null,
      inputs,
      total: new Set(derivations.subarray(start, at)).size,
    };
  }
}

/** Adds the input at a place of `inputs` to the others of its kind. */
function inputReader({ ids, rows, names, inputs, targets, otherNames }: SystemInputs) {
  return (at: number, found: Inputs): void => {
    const derivation = inputs[at] ?? none;
    const target = targets[derivation] ?? none;
    found.names.push((target === none ? otherNames[derivation] : names[target]) ?? '');
    found.ids.push(target === none ? null : (ids[rows[target] ?? none] ?? null));
  };
}

import { inputKinds, type InputKind } from '../../model.ts';
import { nameOfDrvPath, splitName } from '../../names.ts';
import { none } from '../growable.ts';
import { TextReader, type PooledTexts } from '../texts/reader.ts';
import type { SystemFacts } from './facts.ts';
import type { PackageFacts } from './package-facts.ts';
import type { Targets } from './resolve.ts';

/** One system's packages with their inputs, resolved, as plain values that can go to another thread; `none` stands for null. */
export interface SystemInputs {
  system: string;
  attributes: PooledTexts;
  texts: PooledTexts;
  drvPaths: PooledTexts;
  /** Of each row of the dataset its package_id, in `attributes`. */
  attributeOf: Uint32Array;
  /** Of each of the system's packages its row, and in `texts` its name and version. */
  rows: Uint32Array;
  names: Uint32Array;
  versions: Uint32Array;
  /** All inputs, in `drvPaths`, package by package and kind by kind, and where those of each end. */
  inputs: Uint32Array;
  ends: Uint32Array;
  /** Of each derivation the package that it leads to. */
  targets: Uint32Array;
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
export function systemInputs(facts: SystemFacts, targets: Targets, packages: PackageFacts): SystemInputs {
  return {
    system: facts.system,
    attributes: packages.attributes.shared(),
    texts: packages.texts.shared(),
    drvPaths: facts.drvPaths.shared(),
    attributeOf: packages.attributeOf,
    rows: facts.rows.view(),
    names: facts.names.view(),
    versions: facts.versions.view(),
    inputs: facts.inputs,
    ends: facts.ends,
    targets: Uint32Array.from(targets, (target) => (target < 0 ? none : target)),
  };
}

/** Every package's inputs on a system, in the order in which the packages came. */
export function* packageInputs(source: SystemInputs): Generator<PackageInputs> {
  const { system, rows, names, versions, inputs: derivations, ends, attributeOf } = source;
  const [attributes, texts] = [new TextReader(source.attributes), new TextReader(source.texts)];
  const inputAt = inputReader(source, attributes, texts);
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
      packageId: attributes.at(attributeOf[row] ?? none) ?? '',
      system,
      pname: texts.at(names[index] ?? none) ?? '',
      version: texts.at(versions[index] ?? none),
      inputs,
      total: new Set(derivations.subarray(start, at)).size,
    };
  }
}

/** Adds the input at a place of `inputs` to the others of its kind. */
function inputReader(source: SystemInputs, attributes: TextReader, texts: TextReader) {
  const { attributeOf, rows, names, inputs, targets } = source;
  const drvPaths = new TextReader(source.drvPaths);
  return (at: number, found: Inputs): void => {
    const derivation = inputs[at] ?? none;
    const target = targets[derivation] ?? none;
    if (target === none) {
      found.names.push(splitName(nameOfDrvPath(drvPaths.at(derivation) ?? '')).pname);
      found.ids.push(null);
    } else {
      found.names.push(texts.at(names[target] ?? none) ?? '');
      found.ids.push(attributes.at(attributeOf[rows[target] ?? none] ?? none));
    }
  };
}

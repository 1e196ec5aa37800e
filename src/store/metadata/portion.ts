import { inputKinds, type ErrorRow, type NormalizedPackage } from '../../model.ts';
import type { Data } from 'apache-arrow';
import { arrow } from '../arrow.ts';
import { BatchBuilder } from '../batch.ts';
import { Interner, none, Uint32List } from '../growable.ts';
import { declaredColumns } from '../tables/packages.ts';
import { buffersOf, encodedTexts, type TextColumn } from '../texts/column.ts';
import { factsBuffers, FactsBuilder, type Assessment, type PortionFacts } from './portion-facts.ts';

/** A batch of one system's packages and errors, as normalize makes them. */
export interface IncomingBatch {
  packages: NormalizedPackage[];
  /** The number of each package's line. */
  lines: number[];
  errors: (Omit<ErrorRow, 'system'> & { line: number })[];
  invalid: number;
}

/**
 * A batch in the form in which it goes from the thread that made it to the one that collects: columns as Arrow, inputs as
 * numbers, everything else as few and plain values as can be.
 */
export interface Portion {
  /** The declared columns of all packages: an Arrow IPC stream of one batch. */
  declared: Uint8Array<ArrayBuffer>;
  packages: PortionFacts;
  /** How many packages are for which system, as their derivations say. */
  systems: Map<string, number>;
  /** The derivations that the portion names; the numbers below are indexes into it. */
  drvPaths: TextColumn;
  /** Each package's own derivation, or `none`. */
  derivations: Uint32Array<ArrayBuffer>;
  /** Bits: 1 available, 2 broken, 4 unsupported. */
  flags: Uint32Array<ArrayBuffer>;
  /** All inputs, package by package and kind by kind, and where those of each package and kind end. */
  inputs: Uint32Array<ArrayBuffer>;
  ends: Uint32Array<ArrayBuffer>;
  hasInputs: boolean;
  errors: IncomingBatch['errors'];
  invalid: number;
}

const spec = { name: 'declared', columns: declaredColumns };

type Assess = (entry: NormalizedPackage) => Assessment;

/** Makes a portion of batches that come one after the other; what it holds of a package meanwhile is flat. */
export class PortionBuilder {
  readonly #assess: Assess;
  readonly #columns = new BatchBuilder(spec);
  readonly #drvPaths = new Interner();
  readonly #derivations = new Uint32List();
  readonly #flags = new Uint32List();
  readonly #inputs = new Uint32List();
  readonly #ends = new Uint32List();
  readonly #facts = new FactsBuilder();
  readonly #systems = new Map<string, number>();
  readonly #errors: IncomingBatch['errors'] = [];
  #hasInputs = false;
  #invalid = 0;

  constructor(assess: Assess) {
    this.#assess = assess;
  }

  add({ packages, lines, errors, invalid }: IncomingBatch): void {
    for (const [index, entry] of packages.entries()) this.#addPackage(entry, lines[index] ?? 0);
    for (const error of errors) this.#errors.push(error);
    this.#invalid += invalid;
  }

  #addPackage(entry: NormalizedPackage, line: number): void {
    const { declared, drvPath, system } = entry;
    this.#columns.append(declared);
    this.#derivations.push(drvPath === null ? none : this.#drvPaths.idOf(drvPath));
    this.#flags.push((declared.available ? 1 : 0) | (declared.broken ? 2 : 0) | (declared.unsupported ? 4 : 0));
    for (const kind of inputKinds) {
      for (const input of entry.inputs[kind]) this.#inputs.push(this.#drvPaths.idOf(input));
      this.#ends.push(this.#inputs.length);
    }
    this.#hasInputs ||= entry.hasInputs;
    if (system !== null) this.#systems.set(system, (this.#systems.get(system) ?? 0) + 1);
    this.#facts.add(entry, this.#assess(entry), line);
  }

  finish(): Portion {
    const data = this.#columns.finish();
    const { names } = data.schema;
    const columnOf = (name: string) => data.data.children[names.indexOf(name)] as Data;
    const stream = arrow.RecordBatchStreamWriter.writeAll(new arrow.Table(data.schema, [data]));
    return {
      declared: stream.toUint8Array(true) as Portion['declared'],
      packages: this.#facts.finish(columnOf),
      systems: this.#systems,
      drvPaths: encodedTexts(this.#drvPaths.texts),
      derivations: this.#derivations.view().slice(),
      flags: this.#flags.view().slice(),
      inputs: this.#inputs.view().slice(),
      ends: this.#ends.view().slice(),
      hasInputs: this.#hasInputs,
      errors: this.#errors,
      invalid: this.#invalid,
    };
  }
}

/** The memory of a portion that can change threads without a copy. */
export function transferables({ declared, packages, drvPaths, ...rest }: Portion): ArrayBuffer[] {
  const { derivations, flags, inputs, ends } = rest;
  const numbers = [declared, derivations, flags, inputs, ends].map(({ buffer }) => buffer);
  return [...numbers, ...factsBuffers(packages), ...buffersOf(drvPaths)];
}

import { inputKinds } from '../../model.ts';
import { none, Uint32List } from '../growable.ts';
import type { TextPool } from '../texts/pool.ts';
import type { NumberedTexts } from './package-facts.ts';
import type { Portion } from './portion.ts';

/**
 * What has to be known of all packages of one system at once, in compact form: which derivation each is, and which
 * derivations it declares as inputs. Packages are numbered in the order in which they came.
 */
export class SystemFacts {
  system = '';
  errors = 0;
  /** Lines that were no job; they are among the errors. */
  invalid = 0;
  /** Whether the source knows inputs at all. */
  hasInputs = false;
  /** The dataset's row of each package. */
  readonly rows = new Uint32List();
  /** The number of each package's derivation, or `none`. */
  readonly derivations = new Uint32List();
  readonly flags = new Uint32List();
  /** Names and versions as numbers in the pool of the packages' texts, `none` for null. */
  readonly names = new Uint32List();
  readonly versions = new Uint32List();
  readonly drvPaths: TextPool;
  readonly #inputs = new Uint32List();
  readonly #ends = new Uint32List();

  /** @param drvPaths the derivations of all systems */
  constructor(drvPaths: TextPool) {
    this.drvPaths = drvPaths;
  }

  get packages(): number {
    return this.rows.length;
  }

  /** Lines read: each is a package or an error. */
  get lines(): number {
    return this.packages + this.errors;
  }

  /** All inputs of all packages, with repetitions. */
  get edges(): number {
    return this.#inputs.length;
  }

  /** How packages of a portion are added: by the dataset's row, and the package's index in the portion. */
  adder(portion: Portion, texts: NumberedTexts): (row: number, index: number) => void {
    const drvPaths = this.drvPaths.idsOf(portion.drvPaths);
    const kinds = inputKinds.length;
    this.invalid += portion.invalid;
    this.hasInputs ||= portion.hasInputs;
    return (row, index) => {
      const derivation = portion.derivations[index] ?? none;
      this.rows.push(row);
      this.derivations.push(drvPaths[derivation] ?? none);
      this.flags.push(portion.flags[index] ?? 0);
      this.names.push(texts.package_name[index] ?? none);
      this.versions.push(texts.version[index] ?? none);
      let at = index === 0 ? 0 : (portion.ends[index * kinds - 1] ?? 0);
      for (const end of portion.ends.subarray(index * kinds, (index + 1) * kinds)) {
        for (; at < end; at += 1) this.#inputs.push(drvPaths[portion.inputs[at] ?? 0] ?? none);
        this.#ends.push(this.#inputs.length);
      }
    };
  }

  /** All inputs, package by package and kind by kind: numbers of derivations. Valid until the next `add`. */
  get inputs(): Uint32Array {
    return this.#inputs.view();
  }

  /** Where in `inputs` those of each package and kind end. Valid until the next `add`. */
  get ends(): Uint32Array {
    return this.#ends.view();
  }

  /** Where in `inputs` those of a package and kind (an index into inputKinds) end; they begin where the ones before end. */
  endOf(index: number, kind: number): number {
    return this.#ends.at(index * inputKinds.length + kind);
  }

  /** Where in `inputs` those of a package begin. */
  startOf(index: number): number {
    return index === 0 ? 0 : this.#ends.at(index * inputKinds.length - 1);
  }

  /** The number of a package's derivation; `none` where it has none, or there is no such package. */
  derivationOf(index: number): number {
    return index < this.packages ? this.derivations.at(index) : none;
  }

  /** The path of a package's derivation, or null. */
  drvPathOf(index: number): string | null {
    return this.drvPaths.at(this.derivationOf(index));
  }
}

import { inputKinds, type NormalizedPackage } from '../../model.ts';
import { Interner, Uint32List } from '../growable.ts';

/** Stands for «no derivation» where the number of one is kept. */
export const none = 0xffff_ffff;

/**
 * What has to be known of all packages of one system at once, in compact form: which derivation each is, and which
 * derivations it declares as inputs. Packages are numbered in the order in which they came.
 */
export class SystemFacts {
  system = '';
  errors = 0;
  invalid = 0;
  /** Whether the source knows inputs at all. */
  hasInputs = false;
  /** The dataset's row of each package. */
  readonly rows = new Uint32List();
  /** The number of each package's derivation, or `none`. */
  readonly derivations = new Uint32List();
  readonly flags = new Uint32List();
  readonly names: string[] = [];
  readonly versions: (string | null)[] = [];
  readonly drvPaths = new Interner();
  readonly #inputs = new Uint32List();
  readonly #ends = new Uint32List();

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

  add(row: number, { declared, drvPath, inputs, hasInputs }: NormalizedPackage): void {
    this.rows.push(row);
    this.derivations.push(drvPath === null ? none : this.drvPaths.idOf(drvPath));
    this.flags.push((declared.available ? 1 : 0) | (declared.broken ? 2 : 0) | (declared.unsupported ? 4 : 0));
    this.names.push(declared.package_name);
    this.versions.push(declared.version);
    for (const kind of inputKinds) {
      for (const input of inputs[kind]) this.#inputs.push(this.drvPaths.idOf(input));
      this.#ends.push(this.#inputs.length);
    }
    this.hasInputs ||= hasInputs;
  }

  /** All inputs, package by package and kind by kind: numbers of derivations. Valid until the next `add`. */
  get inputs(): Uint32Array {
    return this.#inputs.view();
  }

  /** Where in `inputs` those of a package and kind (an index into inputKinds) end; they begin where the ones before end. */
  endOf(index: number, kind: number): number {
    return this.#ends.at(index * inputKinds.length + kind);
  }

  /** Where in `inputs` those of a package begin. */
  startOf(index: number): number {
    return index === 0 ? 0 : this.#ends.at(index * inputKinds.length - 1);
  }

  /** The path of a package's derivation, or null. */
  drvPathOf(index: number): string | null {
    return this.drvPaths.texts[this.derivations.at(index)] ?? null;
  }
}

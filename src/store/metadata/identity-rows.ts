import type { ClusterInput, ClusterInputs } from '../../cluster/model.ts';
import { none } from '../growable.ts';
import type { PackageFacts } from './package-facts.ts';
import type { Place } from './places.ts';

/** The rows as identity sees them, each made when it is looked at. */
export function identityRows(packages: PackageFacts, places: Place[]): ClusterInputs {
  return {
    length: packages.length,
    at: (row) => (row < packages.length ? new IdentityRow(packages, places, row) : undefined),
  };
}

class IdentityRow implements ClusterInput {
  readonly #packages: PackageFacts;
  readonly #places: Place[];
  readonly #row: number;

  constructor(packages: PackageFacts, places: Place[], row: number) {
    this.#packages = packages;
    this.#places = places;
    this.#row = row;
  }

  get package_id(): string {
    return this.#packages.idOf(this.#row);
  }

  get package_name(): string {
    return this.#packages.textOf(this.#row, 'package_name') ?? '';
  }

  get version(): string | null {
    return this.#packages.textOf(this.#row, 'version');
  }

  get position(): string | null {
    return this.#packages.textOf(this.#row, 'position');
  }

  get homepage(): string | null {
    return this.#packages.textOf(this.#row, 'homepage');
  }

  get description(): string | null {
    return this.#packages.textOf(this.#row, 'description');
  }

  get derivations(): number[] {
    return this.#places
      .map(({ facts, indexOf }) => facts.derivationOf(indexOf[this.#row] ?? none))
      .filter((derivation) => derivation !== none);
  }
}

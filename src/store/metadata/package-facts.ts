import { hash } from 'node:crypto';
import type { NormalizedPackage } from '../../model.ts';
import { HashList, Interner, TextList } from '../growable.ts';

/** The columns of `packages` that identity looks at. */
const textColumns = ['package_name', 'version', 'position', 'homepage', 'description'] as const;
type TextColumns = (typeof textColumns)[number];

/** What a package is judged to be, from what it alone says. */
export interface Assessment {
  quality: number;
  effort: number;
}

/**
 * What has to be known of the packages of a portion before all of them are there, a list a column: so it goes quickest from
 * one thread to another.
 */
export interface PortionFacts extends Record<TextColumns, (string | null)[]> {
  package_id: string[];
  package_name: string[];
  /** SHA-256 of the declared columns, its first 16 bytes, in hex. */
  declaredHash: string[];
  contentHash: string[];
  quality: number[];
  effort: number[];
  /** The derivation's own system. */
  system: (string | null)[];
  line: number[];
}

/** Facts of no package yet. */
export function noFacts(): PortionFacts {
  return {
    package_id: [],
    package_name: [],
    version: [],
    position: [],
    homepage: [],
    description: [],
    declaredHash: [],
    contentHash: [],
    quality: [],
    effort: [],
    system: [],
    line: [],
  };
}

/** Adds a package to a portion's facts. */
export function addFacts(facts: PortionFacts, entry: NormalizedPackage, assessed: Assessment, line: number): void {
  const { declared } = entry;
  facts.package_id.push(declared.package_id);
  facts.package_name.push(declared.package_name);
  facts.version.push(declared.version);
  facts.position.push(declared.position);
  facts.homepage.push(declared.homepage);
  facts.description.push(declared.description);
  facts.declaredHash.push(hash('sha256', JSON.stringify(declared)).slice(0, 32));
  facts.contentHash.push(declared.content_hash);
  facts.quality.push(assessed.quality);
  facts.effort.push(assessed.effort);
  facts.system.push(entry.system);
  facts.line.push(line);
}

/**
 * What is known of all rows of `packages` before the columns that need all of them are there. Kept a column a list, each text
 * once: an object a package would keep the collector busy for most of a run.
 */
export class PackageFacts {
  readonly ids: string[] = [];
  /** Every text of the columns below. */
  readonly texts = new Interner();
  readonly quality: number[] = [];
  readonly effort: number[] = [];
  readonly #columns: Record<TextColumns, TextList>;
  readonly #declared = new HashList(16);
  readonly #content = new HashList(32);

  constructor() {
    const list = () => new TextList(this.texts);
    this.#columns = { package_name: list(), version: list(), position: list(), homepage: list(), description: list() };
  }

  get length(): number {
    return this.ids.length;
  }

  /** Adds a package of a portion, and answers its row. */
  add(facts: PortionFacts, index: number): number {
    this.ids.push(facts.package_id[index] ?? '');
    for (const name of textColumns) this.#columns[name].push(facts[name][index] ?? null);
    this.#declared.push(facts.declaredHash[index] ?? '');
    this.#content.push(facts.contentHash[index] ?? '');
    this.quality.push(facts.quality[index] ?? 0);
    this.effort.push(facts.effort[index] ?? 0);
    return this.ids.length - 1;
  }

  textOf(row: number, column: TextColumns): string | null {
    return this.#columns[column].at(row);
  }

  declaredHashOf(row: number): string {
    return this.#declared.at(row);
  }

  contentHashOf(row: number): string {
    return this.#content.at(row);
  }
}

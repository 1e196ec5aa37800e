import { hash } from 'node:crypto';
import type { Data } from 'apache-arrow';
import type { NormalizedPackage } from '../../model.ts';
import { HashList, Uint32List } from '../growable.ts';
import { sharedList } from '../shared-list.ts';
import { buffersOf, textColumnOf, type TextColumn } from '../texts/column.ts';

/** The columns of `packages` that identity looks at. */
export const textColumns = ['package_name', 'version', 'position', 'homepage', 'description'] as const;
export type TextColumnName = (typeof textColumns)[number];

/** What a package is judged to be, from what it alone says. */
export interface Assessment {
  quality: number;
  effort: number;
}

/**
 * What has to be known of the packages of a portion before all of them are there, a column a list: so it goes from one thread
 * to another without a copy.
 */
export interface PortionFacts extends Record<TextColumnName | 'package_id', TextColumn> {
  /** SHA-256 of the declared columns, the first 16 bytes of each. */
  declaredHashes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the texts that are embedded. */
  contentHashes: Uint8Array<ArrayBuffer>;
  quality: Float64Array<ArrayBuffer>;
  effort: Float64Array<ArrayBuffer>;
  /** The number of each package's line. */
  lines: Uint32Array<ArrayBuffer>;
}

/** Gathers a portion's facts. */
export class FactsBuilder {
  readonly #declared = new HashList(16);
  readonly #content = new HashList(32);
  readonly #quality: number[] = [];
  readonly #effort: number[] = [];
  readonly #lines = new Uint32List();

  add({ declared }: NormalizedPackage, { quality, effort }: Assessment, line: number): void {
    const content = { ...declared, platforms: sharedList(declared.platforms).digest };
    this.#declared.push(hash('sha256', JSON.stringify(content)).slice(0, 32));
    this.#content.push(declared.content_hash);
    this.#quality.push(quality);
    this.#effort.push(effort);
    this.#lines.push(line);
  }

  /** @param columnOf the packages' declared columns by name */
  finish(columnOf: (name: string) => Data): PortionFacts {
    const texts = (name: TextColumnName | 'package_id') => textColumnOf(columnOf(name));
    return {
      package_id: texts('package_id'),
      package_name: texts('package_name'),
      version: texts('version'),
      position: texts('position'),
      homepage: texts('homepage'),
      description: texts('description'),
      declaredHashes: this.#declared.bytes(),
      contentHashes: this.#content.bytes(),
      quality: Float64Array.from(this.#quality),
      effort: Float64Array.from(this.#effort),
      lines: this.#lines.view().slice(),
    };
  }
}

/** The memory of a portion's facts. */
export function factsBuffers(facts: PortionFacts): ArrayBuffer[] {
  const { package_id, declaredHashes, contentHashes, quality, effort, lines } = facts;
  const texts = [package_id, ...textColumns.map((name) => facts[name])];
  const numbers = [declaredHashes, contentHashes, quality, effort, lines];
  return [...texts.flatMap(buffersOf), ...numbers.map(({ buffer }) => buffer)];
}

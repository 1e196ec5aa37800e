import { HashList, Uint32List } from '../growable.ts';
import { TextPool } from '../texts/pool.ts';
import { textColumns, type PortionFacts, type TextColumnName } from './portion-facts.ts';

/** A portion's texts as numbers in the pools of PackageFacts. */
export type NumberedTexts = Record<TextColumnName | 'attribute', Uint32Array>;

/** What is known of all rows of `packages` before the columns that need all of them are there: columns of numbers, texts in pools. */
export class PackageFacts {
  /** All attribute paths, of packages and of errors. */
  readonly attributes = new TextPool();
  readonly texts = new TextPool();
  readonly quality: number[] = [];
  readonly effort: number[] = [];
  readonly #attributes = new Uint32List();
  readonly #columns: Record<TextColumnName, Uint32List> = {
    package_name: new Uint32List(),
    version: new Uint32List(),
    position: new Uint32List(),
    homepage: new Uint32List(),
    description: new Uint32List(),
  };
  readonly #declared = new HashList(16);
  readonly #content = new HashList(32);

  get length(): number {
    return this.#attributes.length;
  }

  /** Puts a portion's texts into the pools. */
  numbered(facts: PortionFacts): NumberedTexts {
    const ids = (name: TextColumnName) => this.texts.idsOf(facts[name]);
    return {
      attribute: this.attributes.idsOf(facts.package_id),
      package_name: ids('package_name'),
      version: ids('version'),
      position: ids('position'),
      homepage: ids('homepage'),
      description: ids('description'),
    };
  }

  /** Adds a package of a portion, and answers its row. */
  add(facts: PortionFacts, texts: NumberedTexts, index: number): number {
    this.#attributes.push(texts.attribute[index] ?? 0);
    for (const name of textColumns) this.#columns[name].push(texts[name][index] ?? 0);
    this.#declared.pushFrom(facts.declaredHashes, index);
    this.#content.pushFrom(facts.contentHashes, index);
    this.quality.push(facts.quality[index] ?? 0);
    this.effort.push(facts.effort[index] ?? 0);
    return this.length - 1;
  }

  /** No more is added; what only adding needs goes. */
  close(): void {
    this.attributes.close();
    this.texts.close();
  }

  /** The package_id of a row. */
  idOf(row: number): string {
    return this.attributes.at(this.#attributes.at(row)) ?? '';
  }

  /** Each row's package_id as a number in `attributes`. */
  get attributeOf(): Uint32Array {
    return this.#attributes.view();
  }

  textOf(row: number, column: TextColumnName): string | null {
    return this.texts.at(this.#columns[column].at(row));
  }

  declaredHashOf(row: number): string {
    return this.#declared.at(row);
  }

  contentHashOf(row: number): string {
    return this.#content.at(row);
  }
}

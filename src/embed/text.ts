import { hash } from 'node:crypto';
import { remembered } from '../remembered.ts';

/** What of a package goes into the text that is embedded. */
export interface EmbeddedFields {
  attribute_path: string;
  package_name: string;
  main_program: string | null;
  description: string | null;
  long_description: string | null;
  category: string;
}

/** The version in an attribute's name, as nixpkgs writes it: `postgresql_16`, `linux_6_12`, `coqPackages_8_20`, `_latest`. */
const trailingVersion = /(?:_v?\d+(?:_\d+)*|_latest|_stable)+$/;
/** A version in a set's or program's name that no separator marks: `python313`, `gcc14`, `factorPackages-0_99`. */
const trailingDigits = /[-_.]?\d[\d._-]*$/;
/** What a derivation's name carries before a module's own: `python3.13-`, `ocaml5.4.0-`, `perl5.42.0-`. */
const interpreterPrefix = /^(python|pypy|perl|ruby|lua|luajit|php|ocaml|ghc|emacs|coq|rocq)\d+(?:\.\d+)*-/;
const camelCase = /(?<=[\p{Ll}\d])(?=\p{Lu})/u;

/**
 * The text that stands for a package in vector search: its names, its set, its main program, its category and what it says of
 * itself, a line each, most telling first. It has no version, maintainers or platforms, so that it stays the same from
 * one release to the next, and attribute paths that differ in their set's version alone share it.
 * @param maxChars the longest text, in UTF-16 units; longer ones are cut at a word's edge.
 */
export function composeText(row: EmbeddedFields, maxChars: number): string {
  const dot = row.attribute_path.lastIndexOf('.');
  const [sets, leaf] = [row.attribute_path.slice(0, Math.max(dot, 0)), row.attribute_path.slice(dot + 1)];
  const name = squeeze(row.package_name.replace(interpreterPrefix, '$1-')) || leaf;
  const alias = leaf.replaceAll('_dot_', '.').replace(trailingVersion, '');
  const program = squeeze(row.main_program);
  const description = squeeze(row.description);
  const long = squeeze(row.long_description);
  const lines = [
    /^v?[\d_.-]*$/.test(alias) || sameName(alias, name) ? name : `${name} (${alias})`,
    description,
    program && !sameName(program, name) ? `program: ${program}` : '',
    [setFamily(sets), squeeze(row.category)].filter(Boolean).join(', '),
    long.startsWith(description) ? long.slice(description.length).replace(/^[.\s]+/, '') : long,
  ];
  return cutAtWord(lines.filter(Boolean).join('\n'), maxChars);
}

/** SHA-256 (hex) of a text: its key in the cache of embeddings. */
export function contentHash(text: string): string {
  return hash('sha256', text);
}

/** The words of the sets that an attribute is in, without their versions: `python313Packages` gives `python packages`. */
const setFamily = remembered((path: string): string => {
  const words = path
    .split('.')
    .map((set) => set.replace(trailingVersion, ''))
    .flatMap((set) => set.split(camelCase).flatMap((word) => word.split(/[-_]/)))
    .map((word) => word.replace(trailingDigits, '').toLowerCase());
  return [...new Set(words)].filter((word) => word.length > 1).join(' ');
});

/** Whether an alias tells nothing beyond a name: it differs in case, separators and version alone, or is a part of it. */
function sameName(alias: string, name: string): boolean {
  return alias === name || bare(name).includes(bare(alias)) || bare(unversioned(alias)) === bare(unversioned(name));
}

function unversioned(name: string): string {
  return name.replace(trailingDigits, '') || name;
}

function bare(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function squeeze(text: string | null): string {
  if (text === null) return '';
  return (/[^\S ]| {2}/.test(text) ? text.replace(/\s+/g, ' ') : text).trim();
}

function cutAtWord(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const cut = text.slice(0, maxChars);
  const edge = /\s/.test(text.charAt(maxChars)) ? maxChars : Math.max(cut.lastIndexOf(' '), cut.lastIndexOf('\n'));
  // A single word that is too long is cut in itself, though never inside a surrogate pair.
  const kept = edge > 0 ? cut.slice(0, edge) : cut.replace(/[\uD800-\uDBFF]$/, '');
  return kept.trimEnd();
}

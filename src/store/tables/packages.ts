import { bool, float32, float64, int32, list, struct, timestamp, utf8, type ColumnType } from '../column.ts';
import { vectorField, type VectorColumn } from '../vector-column.ts';
import type { Column, TableSpec } from '../table.ts';

const text = (doc: string): Column => ({ type: utf8, doc });
const optionalText = (doc: string): Column => ({ type: utf8, nullable: true, doc });
const texts = (doc: string): Column => ({ type: list(utf8), doc });
const flag = (doc: string): Column => ({ type: bool, doc });
const number = (type: ColumnType, doc: string): Column => ({ type, doc });

const url = struct({ type: utf8, url: utf8 });
const license = struct({
  spdx_id: utf8,
  short_name: utf8,
  full_name: utf8,
  url: utf8,
  free: bool,
  redistributable: bool,
});
const maintainer = struct({ name: utf8, github: utf8, github_id: int32, email: utf8, matrix: utf8 });
const availability = struct({ system: utf8, drv_path: utf8, available: bool, broken: bool, unsupported: bool });

/** The columns that a package's own line gives. */
export const declaredColumns = {
  package_id: text('Key of the row: the attribute path.'),
  package_name: text("The derivation's pname; where it has none, its name without the version."),
  version: optionalText("The derivation's version."),
  attribute_path: text('Where the package stands in the package set, such as `python313Packages.numpy`.'),
  description: optionalText('One line on what it is.'),
  long_description: optionalText('More on what it is, often Markdown.'),
  homepage: optionalText('Its first homepage.'),
  urls: {
    type: list(url),
    doc: 'Every address, by type: `homepage`, `changelog`, `download`, `source`, `repository`.',
  },
  license: { type: list(license), doc: 'Each license that is named, compound ones taken apart.' },
  license_expression: optionalText('The licenses as an SPDX expression; `LicenseRef-…` for what SPDX does not know.'),
  platforms: texts('Systems and patterns of `meta.platforms`.'),
  maintainers: { type: list(maintainer), doc: 'Maintainers, members of teams included.' },
  teams: texts('Short names of the teams that maintain it.'),
  category: text('Package set, or folder in nixpkgs, or `programs`, or `other`.'),
  broken: flag('Marked as broken on the first system that has it.'),
  unfree: flag('Has a license that is not free.'),
  available: flag('Evaluates, is not broken and is supported on the first system that has it.'),
  insecure: flag('Marked as insecure.'),
  unsupported: flag('Not meant for the first system that has it.'),
  known_vulnerabilities: texts('The reasons for being insecure.'),
  main_program: optionalText('The program that `nix run` starts.'),
  position: optionalText('File and line of its definition, relative to nixpkgs.'),
  outputs_to_install: texts('The outputs that an installation takes.'),
  source_provenance: texts('What its sources are: `fromSource`, `binaryNativeCode`, …'),
  identifiers: { type: struct({ cpe: utf8, purl: utf8 }), doc: 'CPE name and package URL where nixpkgs knows them.' },
  priority: { type: int32, nullable: true, doc: 'Priority in a profile; lower wins.' },
  content_hash: text('SHA-256 (hex) of the text that is embedded for it.'),
} satisfies Record<string, Column>;

/** The columns that need the whole evaluation, or an earlier dataset. */
export const derivedColumns = {
  availability: { type: list(availability), doc: 'For each evaluated system that has it: derivation and flags.' },
  cluster_id: text('The package that this attribute path is a variant of; joins with `clusters`.'),
  dependents: number(int32, 'Distinct attribute paths that declare it, or the same derivation, as an input.'),
  module_references: number(int32, 'Files under `nixos/modules` that name it.'),
  test_references: number(int32, 'Files under `nixos/tests` that name it.'),
  rank: number(float64, 'PageRank of its cluster over the dependency graph; the mean over all clusters is 1.'),
  quality: number(float32, 'Completeness of its metadata, 0 to 1.'),
  effort: number(
    float32,
    'ln(1 + distinct inputs) + ln(1 + lines before its metadata): large for what has grown for years.',
  ),
  last_updated: { type: timestamp, doc: 'The run in which `row_hash` last changed.' },
  has_embedding: flag('Whether `vector` is there.'),
  row_hash: text('Hash (hex) of what was evaluated for it; derived columns are not part of it.'),
} satisfies Record<string, Column>;

/** Table `packages`; with `vector` once embedding has run. */
export function packagesTable(vectors: VectorColumn | null): TableSpec {
  const columns: Record<string, Column> = { ...declaredColumns, ...derivedColumns };
  if (vectors !== null) {
    columns['vector'] = vectorField(vectors, 'float32', 'The embedding of its text; null where none is.');
  }
  return { name: 'packages', columns };
}

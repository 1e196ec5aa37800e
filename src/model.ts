/**
 * The shapes that flow through the pipeline: what nix-eval-jobs prints (RawJob), what normalize makes of it
 * (NormalizedPackage, EvaluationError), and what the dataset's tables hold (rows named exactly as their columns).
 */

/** The kinds of inputs that a package declares; `unknown` where only `inputDrvs` was recorded. */
export const inputKinds = ['build', 'native_build', 'propagated_build', 'propagated_native_build', 'unknown'] as const;
export type InputKind = (typeof inputKinds)[number];

/** One system's recorded or live evaluation: batches of lines as nix-eval-jobs printed them. */
export interface JobStream {
  /** The system that was evaluated, or null where only the lines can tell. */
  system: string | null;
  /** The file or command that the lines come from, for messages. */
  origin: string;
  lines: AsyncIterable<LineBatch>;
  /** Called after the last line: throws where the evaluation itself failed. */
  finished?: () => Promise<void>;
}

/** A package set on this machine, ready to be evaluated: a nixpkgs tree or a locked flake. */
export interface EvaluationTarget {
  /** The nixpkgs tree, for what is collected from its files; null for a flake that is none. */
  tree: string | null;
  /** What nix/evaluate.nix gets to know: `tree`, or `flake` and `output`, with `config` and `overlays`. */
  request: Record<string, unknown>;
  revision: string | null;
  nixpkgsVersion: string | null;
  /** Equal keys mean equal content, the user's overlays and config included. */
  key: string;
}

/** A batch of lines: one by one, or as UTF-8 text of whole lines, which another thread can take over without a copy. */
export type LineBatch = string[] | Uint8Array<ArrayBuffer>;

/** A license as nixpkgs describes it, possibly compound. */
export interface RawLicense {
  spdxId?: string | null;
  shortName?: string | null;
  fullName?: string | null;
  url?: string | null;
  free?: boolean | null;
  redistributable?: boolean | null;
  deprecated?: boolean | null;
  licenseType?: string | null;
  licenses?: unknown[];
  license?: unknown;
  exception?: unknown;
  operands?: unknown[];
  /** Of compound ones: AND, OR, WITH or +. */
  operator?: string | null;
}

export interface RawMaintainer {
  name?: string | null;
  github?: string | null;
  githubId?: number | null;
  email?: string | null;
  matrix?: string | null;
  [other: string]: unknown;
}

/** The fields of `meta` that are used; each may be absent or null. */
export interface RawMeta {
  available?: boolean | null;
  broken?: boolean | null;
  unfree?: boolean | null;
  insecure?: boolean | null;
  unsupported?: boolean | null;
  description?: string | null;
  longDescription?: string | null;
  homepage?: string | string[] | null;
  changelog?: string | string[] | null;
  downloadPage?: string | string[] | null;
  license?: RawLicense | string | (RawLicense | string)[] | null;
  maintainers?: (RawMaintainer | string)[] | null;
  nonTeamMaintainers?: (RawMaintainer | string)[] | null;
  teams?: Record<string, unknown>[] | null;
  platforms?: unknown[] | null;
  mainProgram?: string | null;
  position?: string | null;
  outputsToInstall?: string[] | null;
  knownVulnerabilities?: string[] | null;
  sourceProvenance?: unknown[] | null;
  identifiers?: Record<string, unknown> | null;
  priority?: number | string | null;
  version?: string | null;
  name?: string | null;
}

/** What our `--apply` function returns for an attribute; input lists hold derivation paths. */
export interface RawExtraValue {
  pname?: string | null;
  version?: string | null;
  buildInputs?: string[];
  nativeBuildInputs?: string[];
  propagatedBuildInputs?: string[];
  propagatedNativeBuildInputs?: string[];
  /** Source repository, where the evaluation can tell. */
  repository?: string | null;
  /** Names of passthru.tests. */
  tests?: string[];
}

/** One line of nix-eval-jobs. */
export interface RawJob {
  attr: string;
  attrPath?: string[];
  name?: string | null;
  system?: string;
  drvPath?: string | null;
  error?: string;
  extraValue?: RawExtraValue | null;
  inputDrvs?: Record<string, unknown> | null;
  meta?: RawMeta | null;
  outputs?: Record<string, string | null> | null;
}

export interface Url {
  type: 'homepage' | 'changelog' | 'download' | 'source' | 'repository';
  url: string;
}

export interface License {
  spdx_id: string | null;
  short_name: string | null;
  full_name: string | null;
  url: string | null;
  free: boolean | null;
  redistributable: boolean | null;
}

export interface Maintainer {
  name: string | null;
  github: string | null;
  github_id: number | null;
  email: string | null;
  matrix: string | null;
}

export interface Availability {
  system: string;
  drv_path: string | null;
  available: boolean;
  broken: boolean;
  unsupported: boolean;
}

/** The columns of a package that follow from its own line alone. */
export interface DeclaredPackage {
  package_id: string;
  package_name: string;
  version: string | null;
  attribute_path: string;
  description: string | null;
  long_description: string | null;
  homepage: string | null;
  urls: Url[];
  license: License[];
  license_expression: string | null;
  platforms: readonly string[];
  maintainers: Maintainer[];
  teams: string[];
  category: string;
  broken: boolean;
  unfree: boolean;
  available: boolean;
  insecure: boolean;
  unsupported: boolean;
  known_vulnerabilities: string[];
  main_program: string | null;
  position: string | null;
  outputs_to_install: string[];
  source_provenance: string[];
  identifiers: { cpe: string | null; purl: string | null };
  priority: number | null;
  /** SHA-256 (hex) of the text that is embedded for this package. */
  content_hash: string;
}

/** The columns of a package that need the whole evaluation, or an earlier dataset. */
export interface DerivedPackage {
  availability: Availability[];
  /** The cluster (one package under several attribute paths) that it belongs to. */
  cluster_id: string;
  /** Distinct packages that declare it as an input, directly. */
  dependents: number;
  module_references: number;
  test_references: number;
  /** PageRank of its cluster, scaled so that the mean over all clusters is 1. */
  rank: number;
  /** Completeness of its metadata, 0 to 1. */
  quality: number;
  /** How much its definition shows of the work that it is to build. */
  effort: number;
  last_updated: Date;
  has_embedding: boolean;
}

/** A row of table `packages` (its vector apart). */
export type PackageRow = DeclaredPackage & DerivedPackage;

/** A package of one system, as normalize hands it on. */
export interface NormalizedPackage {
  declared: DeclaredPackage;
  /** The derivation's own system, which can differ from the one that was evaluated (i686 programs on x86_64). */
  system: string | null;
  drvPath: string | null;
  /** Derivation paths of the declared inputs by kind, in the order in which they were declared. */
  inputs: Record<InputKind, string[]>;
  /** False where the source knows no inputs at all (a channel's packages.json). */
  hasInputs: boolean;
}

/** A row of table `errors`. */
export interface ErrorRow {
  attribute_path: string | null;
  system: string;
  class: string;
  message: string;
}

/** A row of table `dependencies`: inputs by name, and the package_ids that they resolve to (null where none). */
export interface DependencyRow {
  package_id: string;
  system: string;
  pname: string;
  version: string | null;
  attribute_path: string;
  build_inputs: string[];
  build_input_ids: (string | null)[];
  native_build_inputs: string[];
  native_build_input_ids: (string | null)[];
  propagated_build_inputs: string[];
  propagated_build_input_ids: (string | null)[];
  propagated_native_build_inputs: string[];
  propagated_native_build_input_ids: (string | null)[];
  unknown_inputs: string[];
  unknown_input_ids: (string | null)[];
  total_dependencies: number;
}

/** For each attribute path the number of files under `nixos/modules` and `nixos/tests` that name it. */
export type References = Record<string, { modules: number; tests: number }>;

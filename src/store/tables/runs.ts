import { bool, float64, int32, list, struct, timestamp, utf8 } from '../column.ts';
import type { TableSpec } from '../table.ts';

/** Counts of one system's evaluation. */
export interface SystemCounts {
  system: string;
  lines: number;
  packages: number;
  errors: number;
  invalid: number;
  edges: number;
  resolved_edges: number;
}

/** A row of table `runs`. */
export interface RunRow {
  run_id: string;
  phase: string;
  started_at: Date;
  finished_at: Date;
  source: string;
  revision: string | null;
  nixpkgs_version: string | null;
  identity: string;
  packages: number;
  errors: number;
  invalid_lines: number;
  dependencies_known: boolean;
  systems: SystemCounts[];
  added: number;
  changed: number;
  removed: number;
  timings: { step: string; seconds: number }[];
  versions: { tool: string; version: string }[];
  cost_usd: number;
  note: string | null;
}

/** Table `runs`: what was indexed when, from what, and what came of it. */
export const runsTable: TableSpec = {
  name: 'runs',
  columns: {
    run_id: { type: utf8, doc: 'Key of the run.' },
    phase: {
      type: utf8,
      doc: 'What the row tells of: `metadata`, `embedding`, `cluster` (identity and rank worked out anew), `publish` (in spite of the guard).',
    },
    started_at: { type: timestamp, doc: 'When the phase began.' },
    finished_at: { type: timestamp, doc: 'When its result was complete.' },
    source: { type: utf8, doc: 'Where the packages came from: the kind of source, and file, address or path.' },
    revision: { type: utf8, nullable: true, doc: 'Revision of nixpkgs, where it is known.' },
    nixpkgs_version: { type: utf8, nullable: true, doc: 'Version of nixpkgs, where it is known.' },
    identity: { type: utf8, doc: 'Hash of source and settings: two runs that share it would give the same dataset.' },
    packages: { type: int32, doc: 'Rows of `packages`.' },
    errors: { type: int32, doc: 'Rows of `errors`.' },
    invalid_lines: { type: int32, doc: 'Lines that were no job.' },
    dependencies_known: { type: bool, doc: 'False where the source knows no inputs (a channel’s packages.json).' },
    systems: {
      type: list(
        struct({
          system: utf8,
          lines: int32,
          packages: int32,
          errors: int32,
          invalid: int32,
          edges: int32,
          resolved_edges: int32,
        }),
      ),
      doc: 'For each system: lines read, packages, errors, invalid lines, edges with repetitions, edges that resolve.',
    },
    added: { type: int32, doc: 'Packages that are new since the run before.' },
    changed: { type: int32, doc: 'Packages whose `row_hash` changed.' },
    removed: { type: int32, doc: 'Packages that are gone.' },
    timings: { type: list(struct({ step: utf8, seconds: float64 })), doc: 'Where the time went.' },
    versions: { type: list(struct({ tool: utf8, version: utf8 })), doc: 'Versions of the tools that took part.' },
    cost_usd: { type: float64, doc: 'What was paid for embedding, in US dollars.' },
    note: { type: utf8, nullable: true, doc: 'What else is worth knowing, such as why a guard was overridden.' },
  },
};

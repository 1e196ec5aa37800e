import type { Config } from '../config/config.generated.ts';
import type { StageContext } from '../report/event.ts';

/** What a check found: as it should be, worth knowing, or in the way of what the configuration asks for. */
export interface Finding {
  name: string;
  status: 'ok' | 'note' | 'problem';
  found: string;
  /** What to do about it. */
  remedy?: string;
}

/** Looks at one thing that a run needs. It touches nothing, and does not throw for what it finds wrong. */
export type Check = (config: Config, ctx: StageContext) => Promise<Finding[]>;

/** True where the configuration makes this run evaluate a package set. */
export function evaluates({ mode, nixpkgs }: Config): boolean {
  return mode !== 'embedding' && mode !== 'minified' && ['git', 'path', 'flake'].includes(nixpkgs.source);
}

/** Something that is missing: a problem where it is needed, else a note. */
export function missing(needed: boolean, finding: Omit<Finding, 'status'>): Finding {
  return needed ? { ...finding, status: 'problem' } : { ...finding, status: 'note' };
}

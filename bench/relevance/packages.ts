/** What drawing queries must know of every package of a recording. */
import { readFileSync } from 'node:fs';
import type { RawJob } from '../../src/model.ts';
import { inputsOf } from '../support/recording-graph.ts';
import { readLines } from '../support/recording-io.ts';

export interface Package {
  attr: string;
  /** The last component of the attribute path. */
  leaf: string;
  nested: boolean;
  pname: string;
  program: string | null;
  drvPath: string;
  described: boolean;
  /** The file of the package without its line. */
  file: string | null;
  homepage: string | null;
  /** How much is known to refer to it: modules, tests, and packages that have it as an input. */
  interest: number;
}

type References = Record<string, { modules: number; tests: number }>;

function packageOf(job: RawJob, drvPath: string): Package {
  const { attr, meta } = job;
  const leaf = job.attrPath?.at(-1) ?? attr;
  const homepage = Array.isArray(meta?.homepage) ? meta.homepage[0] : meta?.homepage;
  return {
    attr,
    leaf,
    nested: (job.attrPath?.length ?? 1) > 1,
    pname: job.extraValue?.pname ?? leaf,
    program: meta?.mainProgram ?? null,
    drvPath,
    described: Boolean(meta?.description) && meta?.broken !== true && meta?.insecure !== true,
    file: meta?.position?.replace(/:\d+$/, '') ?? null,
    homepage: homepage ?? null,
    interest: 0,
  };
}

/** The packages of a recording in its order. */
export async function readPackages(recording: string, referencesFile: string): Promise<Package[]> {
  const references: References = JSON.parse(readFileSync(referencesFile, 'utf8'));
  const packages: Package[] = [];
  const dependents = new Map<string, number>();
  for await (const batch of readLines(recording)) {
    for (const line of batch) {
      const job: RawJob = JSON.parse(line);
      if (!job.drvPath || job.error) continue;
      packages.push(packageOf(job, job.drvPath));
      for (const input of new Set(inputsOf(job))) dependents.set(input, (dependents.get(input) ?? 0) + 1);
    }
  }
  for (const one of packages) {
    const { modules = 0, tests = 0 } = references[one.attr] ?? {};
    one.interest = 2 * Math.log2(1 + 2 * modules + tests) + Math.log2(1 + (dependents.get(one.drvPath) ?? 0));
  }
  return packages;
}

/** Groups of packages by a key, those without one left out. */
export function groupBy(packages: Package[], key: (one: Package) => string | null): Map<string, Package[]> {
  const groups = new Map<string, Package[]>();
  for (const one of packages) {
    const name = key(one);
    if (name === null) continue;
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  }
  return groups;
}

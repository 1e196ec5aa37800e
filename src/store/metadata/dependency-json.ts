import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { ResolvedSystem } from './analysis.ts';
import type { CollectedRow } from './collect.ts';
import { packageInputs, type PackageInputs } from './dependencies.ts';

/** The head of the dependency JSON. */
export interface DependencyJsonHead {
  nixpkgs_version: string | null;
  revision: string | null;
  system: string;
  total_packages: number;
  generated_at: string;
}

/** A file that was written beside its place; `commit` puts it there. */
export interface PendingFile {
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Streams the dependency JSON of one system: a package an entry, inputs by name.
 * @returns the file, complete under a temporary name
 */
export async function writeDependencyJson(
  path: string,
  head: DependencyJsonHead,
  system: ResolvedSystem,
  rows: readonly CollectedRow[],
  lastUpdated: readonly Date[],
): Promise<PendingFile> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.partial`;
  const file = createWriteStream(temporary, { highWaterMark: 1 << 20 });
  const done = finished(file);
  done.catch(() => {});
  const write = async (text: string) => {
    if (!file.write(text)) await Promise.race([once(file, 'drain'), done]);
  };
  const discard = async () => {
    file.destroy();
    await rm(temporary, { force: true });
  };
  try {
    await writeBody(write, head, system, rows, lastUpdated);
    file.end();
    await done;
  } catch (error) {
    await discard();
    throw error;
  }
  return { commit: () => rename(temporary, path), discard };
}

async function writeBody(
  write: (text: string) => Promise<void>,
  head: DependencyJsonHead,
  system: ResolvedSystem,
  rows: readonly CollectedRow[],
  lastUpdated: readonly Date[],
): Promise<void> {
  const stats = { totalPackages: 0, totalDependencies: 0, packagesWithDependencies: 0, maxDependencies: 0 };
  await write(`{"metadata":${JSON.stringify(head)},\n"dependencies":[\n`);
  for (const entry of packageInputs(system, rows)) {
    const record = JSON.stringify(recordOf(entry, lastUpdated[entry.row]));
    await write(stats.totalPackages === 0 ? record : `,\n${record}`);
    stats.totalPackages += 1;
    stats.totalDependencies += entry.total;
    stats.packagesWithDependencies += entry.total > 0 ? 1 : 0;
    stats.maxDependencies = Math.max(stats.maxDependencies, entry.total);
  }
  const averageDependenciesPerPackage = stats.totalPackages === 0 ? 0 : stats.totalDependencies / stats.totalPackages;
  await write(`\n],\n"stats":${JSON.stringify({ ...stats, averageDependenciesPerPackage })}}\n`);
}

function recordOf({ packageId, pname, version, inputs, total }: PackageInputs, lastUpdated: Date | undefined) {
  return {
    packageId,
    pname,
    version,
    attributePath: packageId,
    buildInputs: inputs.build.names,
    nativeBuildInputs: inputs.native_build.names,
    propagatedBuildInputs: inputs.propagated_build.names,
    propagatedNativeBuildInputs: inputs.propagated_native_build.names,
    ...(inputs.unknown.names.length > 0 ? { inputs: inputs.unknown.names } : {}),
    totalDependencies: total,
    lastUpdated,
  };
}

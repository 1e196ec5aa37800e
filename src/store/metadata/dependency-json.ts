import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { packageInputs, type PackageInputs, type SystemInputs } from './system-inputs.ts';

/** The head of the dependency JSON. */
export interface DependencyJsonHead {
  nixpkgs_version: string | null;
  revision: string | null;
  system: string;
  total_packages: number;
  generated_at: string;
}

/** A file that was written beside its place; `commit` puts it there. */
export class PendingFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Where the file is until then. */
  get temporary(): string {
    return `${this.#path}.partial`;
  }

  commit(): Promise<void> {
    return rename(this.temporary, this.#path);
  }

  discard(): Promise<void> {
    return rm(this.temporary, { force: true });
  }
}

/**
 * Streams the dependency JSON of one system: a package an entry, inputs by name.
 * @param lastUpdated when each row's content last changed, milliseconds since 1970
 */
export async function writeDependencyJson(
  path: string,
  head: DependencyJsonHead,
  system: SystemInputs,
  lastUpdated: Float64Array,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = createWriteStream(path, { highWaterMark: 1 << 20 });
  const done = finished(file);
  done.catch(() => {});
  const write = async (text: string) => {
    if (!file.write(text)) await Promise.race([once(file, 'drain'), done]);
  };
  try {
    await writeBody(write, head, system, lastUpdated);
    file.end();
    await done;
  } catch (error) {
    file.destroy();
    throw error;
  }
}

async function writeBody(
  write: (text: string) => Promise<void>,
  head: DependencyJsonHead,
  system: SystemInputs,
  lastUpdated: Float64Array,
): Promise<void> {
  const stats = { totalPackages: 0, totalDependencies: 0, packagesWithDependencies: 0, maxDependencies: 0 };
  await write(`{"metadata":${JSON.stringify(head)},\n"dependencies":[\n`);
  for (const entry of packageInputs(system)) {
    const record = JSON.stringify(recordOf(entry, lastUpdated[entry.row] ?? 0));
    await write(stats.totalPackages === 0 ? record : `,\n${record}`);
    stats.totalPackages += 1;
    stats.totalDependencies += entry.total;
    stats.packagesWithDependencies += entry.total > 0 ? 1 : 0;
    stats.maxDependencies = Math.max(stats.maxDependencies, entry.total);
  }
  const averageDependenciesPerPackage = stats.totalPackages === 0 ? 0 : stats.totalDependencies / stats.totalPackages;
  await write(`\n],\n"stats":${JSON.stringify({ ...stats, averageDependenciesPerPackage })}}\n`);
}

function recordOf({ packageId, pname, version, inputs, total }: PackageInputs, lastUpdated: number) {
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
    lastUpdated: new Date(lastUpdated),
  };
}

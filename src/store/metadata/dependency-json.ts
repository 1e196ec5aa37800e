import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { KnownError } from '../../errors.ts';
import { remembered } from '../../remembered.ts';
import type { PackageInputs } from './system-inputs.ts';

/** The head of the dependency JSON. */
interface DependencyJsonHead {
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

  /** Says at once what would otherwise fail when the dataset is in its place already. */
  async expectPlace(): Promise<void> {
    const there = await stat(this.#path).catch(() => null);
    if (there?.isDirectory())
      throw new KnownError(
        `${this.#path} is a directory; output.dependencyPath must name a file, or what is to be one`,
      );
  }

  commit(): Promise<void> {
    return rename(this.temporary, this.#path);
  }

  discard(): Promise<void> {
    return rm(this.temporary, { force: true });
  }
}

/** The dependency JSON as it is to be written, of one system: where, what its head says, and when each row's content last changed. */
export interface JsonOrder {
  path: string;
  head: DependencyJsonHead;
  /** Milliseconds since 1970. */
  lastUpdated: Float64Array;
}

/** Streams the dependency JSON: a package an entry, inputs by name. */
export class DependencyJson {
  readonly #file: WriteStream;
  readonly #done: Promise<void>;
  readonly #lastUpdated: Float64Array;
  readonly #stats = { totalPackages: 0, totalDependencies: 0, packagesWithDependencies: 0, maxDependencies: 0 };

  private constructor({ path, head, lastUpdated }: JsonOrder) {
    this.#file = createWriteStream(path, { highWaterMark: 1 << 20 });
    this.#done = finished(this.#file);
    this.#done.catch(() => {});
    this.#lastUpdated = lastUpdated;
    this.#file.write(`{"metadata":${JSON.stringify(head)},\n"dependencies":[\n`);
  }

  static async create(order: JsonOrder): Promise<DependencyJson> {
    await mkdir(dirname(order.path), { recursive: true });
    return new DependencyJson(order);
  }

  /** Adds a package. Throws what writing the ones before threw. */
  async add(entry: PackageInputs): Promise<void> {
    const stats = this.#stats;
    const record = JSON.stringify(recordOf(entry, this.#lastUpdated[entry.row] ?? 0));
    const hasRoom = this.#file.write(stats.totalPackages === 0 ? record : `,\n${record}`);
    stats.totalPackages += 1;
    stats.totalDependencies += entry.total;
    stats.packagesWithDependencies += entry.total > 0 ? 1 : 0;
    stats.maxDependencies = Math.max(stats.maxDependencies, entry.total);
    if (!hasRoom) await Promise.race([once(this.#file, 'drain'), this.#done]);
  }

  /** Ends the file; afterwards all of it is written. */
  async finish(): Promise<void> {
    const { totalPackages, totalDependencies } = this.#stats;
    const averageDependenciesPerPackage = totalPackages === 0 ? 0 : totalDependencies / totalPackages;
    this.#file.end(`\n],\n"stats":${JSON.stringify({ ...this.#stats, averageDependenciesPerPackage })}}\n`);
    await this.#done;
  }

  /** Ends the writing without an end of the file. */
  destroy(): void {
    this.#file.destroy();
  }
}

// Most rows have the time of one run.
const timeText = remembered((milliseconds: number) => new Date(milliseconds).toISOString());

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
    lastUpdated: timeText(lastUpdated),
  };
}

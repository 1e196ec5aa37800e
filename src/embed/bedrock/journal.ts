import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { contentHash } from '../text.ts';
import type { PendingText, VectorKey } from '../provider.ts';
import { deleteKeys, listKeys, putFile, putText, readLines, type Bucket } from './objects.ts';
import { inputLine, parseOutputLine } from './record.ts';
import type { Shard } from './shard.ts';

/** Where the journal's objects are. */
interface Place {
  s3: S3Client;
  bucket: Bucket;
  /** All runs' objects of this dataset are below. */
  prefix: string;
}

/**
 * What is known of batch jobs, on disk before anything else happens and beside the inputs on S3 for a machine that is gone: a file
 * `<id>.json` for each shard and, until its job has been collected, its input `<id>.jsonl`.
 */
export class Journal {
  readonly #directory: string;
  readonly #place: Place;

  constructor(stateDirectory: string, place: Place) {
    this.#directory = join(stateDirectory, 'jobs');
    this.#place = place;
  }

  inputKey(shard: Pick<Shard, 'run' | 'id'>): string {
    return `${this.#place.prefix}/${shard.run}/${shard.id}.jsonl`;
  }

  /** The shards of this machine's journal, and those on S3 that it does not know. */
  async load(signal: AbortSignal): Promise<Shard[]> {
    await mkdir(this.#directory, { recursive: true });
    const names = (await readdir(this.#directory)).filter((name) => name.endsWith('.json'));
    const shards = await Promise.all(
      names.toSorted().map(async (name) => JSON.parse(await readFile(join(this.#directory, name), 'utf8')) as Shard),
    );
    const known = new Set(shards.map(({ id }) => id));
    for (const shard of await this.#remote(known, signal)) shards.push(shard);
    return shards;
  }

  /** Writes a new shard's input, here and on S3. */
  async prepare(shard: Shard, texts: readonly PendingText[], signal: AbortSignal): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const path = this.#inputPath(shard);
    const lines = function* () {
      for (const text of texts) yield inputLine(text, shard.key);
    };
    await pipeline(lines, createWriteStream(path), { signal });
    await putFile(this.#place.s3, this.#place.bucket, this.inputKey(shard), path, signal);
  }

  /** Keeps a shard's state, on disk and then on S3. */
  async save(shard: Shard, signal: AbortSignal): Promise<void> {
    await writeDurably(join(this.#directory, `${shard.id}.json`), `${JSON.stringify(shard)}\n`);
    if (shard.state === 'collected') await rm(this.#inputPath(shard), { force: true });
    const { s3, bucket, prefix } = this.#place;
    await putText(s3, bucket, `${prefix}/${shard.run}/${shard.id}.json`, JSON.stringify(shard), signal);
  }

  /** The texts of a shard, from its input here or on S3. */
  async texts(shard: Shard, signal: AbortSignal): Promise<PendingText[]> {
    const local = await readFile(this.#inputPath(shard), 'utf8').catch(() => null);
    const { s3, bucket } = this.#place;
    const lines = local?.split('\n') ?? (await Array.fromAsync(readLines(s3, bucket, this.inputKey(shard), signal)));
    return [
      ...new Map(
        lines.flatMap((line) => {
          const text = parseOutputLine(line)?.inputText;
          return text === undefined ? [] : [[text, { hash: contentHash(text), text }] as const];
        }),
      ).values(),
    ];
  }

  /** Forgets shards here, once nothing on S3 needs them. */
  async forget(shards: readonly Shard[]): Promise<void> {
    for (const shard of shards) {
      await rm(this.#inputPath(shard), { force: true });
      await rm(join(this.#directory, `${shard.id}.json`), { force: true });
    }
  }

  /** Deletes the inputs and the journal of a run on S3. */
  async clean(run: string, signal: AbortSignal): Promise<void> {
    const { s3, bucket, prefix } = this.#place;
    await deleteKeys(s3, bucket, await listKeys(s3, bucket, `${prefix}/${run}/`, signal), signal);
  }

  #inputPath(shard: Pick<Shard, 'id'>): string {
    return join(this.#directory, `${shard.id}.jsonl`);
  }

  async #remote(known: ReadonlySet<string>, signal: AbortSignal): Promise<Shard[]> {
    const { s3, bucket, prefix } = this.#place;
    const shards: Shard[] = [];
    for (const key of await listKeys(s3, bucket, `${prefix}/`, signal)) {
      const id = /([^/]+)\.json$/.exec(key)?.[1];
      if (id === undefined || known.has(id)) continue;
      const text = (await Array.fromAsync(readLines(s3, bucket, key, signal))).join('\n');
      const shard = parseShard(text);
      if (!shard || shard.state === 'settled') continue;
      // What another machine collected and did not write to its dataset is read again from the job's output.
      shards.push(shard.state === 'collected' ? { ...shard, state: 'submitted' } : shard);
    }
    return shards;
  }
}

/** The shards that vectors of this key may come from, and the others. */
export function partitionByKey(shards: readonly Shard[], key: VectorKey): { own: Shard[]; foreign: Shard[] } {
  const same = ({ key: other }: Shard) =>
    other.model === key.model && other.dimensions === key.dimensions && other.normalize === key.normalize;
  return { own: shards.filter(same), foreign: shards.filter((shard) => !same(shard)) };
}

function parseShard(text: string): Shard | null {
  try {
    const shard = JSON.parse(text) as Partial<Shard>;
    return typeof shard.id === 'string' && typeof shard.run === 'string' && shard.key ? (shard as Shard) : null;
  } catch {
    return null;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

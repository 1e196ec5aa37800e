import { JSONParser } from '@streamparser/json';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createBrotliDecompress } from 'node:zlib';
import { KnownError, messageOf, UsageError } from '../errors.ts';
import type { JobStream } from '../model.ts';
import { readBytes } from './lines.ts';

const host = 'https://channels.nixos.org';
const entriesPerBatch = 512;

/** A channel's packages.json: a file, or an address. */
export interface Channel {
  origin: string;
  revision: string | null;
  chunks: () => AsyncIterable<Buffer>;
}

interface ChannelConfig {
  path: string | null;
  url: string | null;
  ref: string;
  revision: string | null;
}

/**
 * Finds a channel's packages.json: `path` is a file (plain, `.br`, `.gz` or `.zst`), `url` the address of one, else `ref` is the
 * name of a channel such as `nixos-unstable`.
 */
export async function findChannel(config: ChannelConfig, { signal }: { signal: AbortSignal }): Promise<Channel> {
  const { path } = config;
  if (path !== null) return { origin: path, revision: config.revision, chunks: () => readBytes(path, signal) };
  const base = `${host}/${config.ref}`;
  const url = config.url ?? `${base}/packages.json.br`;
  const revision =
    config.revision ?? (config.url === null ? await fetchText(`${base}/git-revision`, config.ref, signal) : null);
  return { origin: url, revision, chunks: () => download(url, config.url === null ? config.ref : null, signal) };
}

/** A packages.json as lines of the kind that nix-eval-jobs prints; inputs and derivations are not in it. */
export function openChannel({ origin, chunks }: Channel): JobStream {
  return { system: null, origin, lines: linesOf(origin, chunks()) };
}

async function* linesOf(origin: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let lines: string[] = [];
  let found = 0;
  const parser = new JSONParser({ paths: ['$.packages.*'], keepStack: false });
  parser.onValue = ({ key, value }) => {
    found += 1;
    lines.push(JSON.stringify(jobOf(String(key), value)));
  };
  try {
    for await (const chunk of chunks) {
      parser.write(chunk);
      if (lines.length < entriesPerBatch) continue;
      yield lines;
      lines = [];
    }
    if (!parser.isEnded) parser.end();
  } catch (error) {
    if (error instanceof KnownError) throw error;
    throw new KnownError(`${origin} is no packages.json: ${messageOf(error)}`, { cause: error });
  }
  if (lines.length > 0) yield lines;
  if (found === 0) throw new KnownError(`${origin} is no packages.json: it has no packages`);
}

/** An entry as a job; one that is no object stands in `meta`, where normalize refuses it. */
function jobOf(attr: string, entry: unknown): Record<string, unknown> {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return { attr, meta: entry };
  const { pname, version, ...rest } = entry as Record<string, unknown>;
  return { ...rest, attr, extraValue: { pname, version } };
}

async function* download(url: string, ref: string | null, signal: AbortSignal): AsyncGenerator<Buffer> {
  const response = await request(url, ref, signal);
  const body = Readable.fromWeb(response.body as ReadableStream);
  // fetch undoes a content encoding by itself; the channels' server sends the file as it is.
  const encoded = url.endsWith('.br') && response.headers.get('content-encoding') === null;
  const decompressor = encoded ? createBrotliDecompress({ chunkSize: 1 << 18 }) : undefined;
  if (decompressor) body.once('error', (error) => decompressor.destroy(error)).pipe(decompressor);
  try {
    for await (const chunk of decompressor ?? body) yield chunk as Buffer;
  } catch (error) {
    signal.throwIfAborted();
    throw new KnownError(`${url}: the download broke off (${messageOf(error)}); run again`, { cause: error });
  } finally {
    body.destroy();
  }
}

async function fetchText(url: string, ref: string, signal: AbortSignal): Promise<string> {
  return (await (await request(url, ref, signal)).text()).trim();
}

async function request(url: string, ref: string | null, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);
    throw new KnownError(`${url} cannot be reached: ${reason}; check the network, or set nixpkgs.path to a file`, {
      cause: error,
    });
  }
  if (response.ok) return response;
  if (response.status === 404) {
    const hint =
      ref === null ? 'check nixpkgs.url' : `nixpkgs.ref is ${ref} and must name a channel such as nixos-unstable`;
    throw new UsageError(`${url} is not there; ${hint}`);
  }
  throw new KnownError(`${url}: the server answered ${response.status} ${response.statusText}; try again later`);
}

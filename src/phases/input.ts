import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Config } from '../config/config.generated.ts';
import { codeOf, KnownError, messageOf, UsageError } from '../errors.ts';
import { currentSystem } from '../evaluate/current-system.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import type { JobStream, References } from '../model.ts';
import type { StageContext } from '../report/event.ts';
import { findChannel, openChannel } from '../source/channel.ts';
import { openRecordings } from '../source/jsonl.ts';
import { locate, type LiveSource } from '../source/live.ts';
import { collectReferences } from '../source/references.ts';
import { cacheDirectoryOf } from './paths.ts';
import { readReferenceFile } from './reference-file.ts';

/** A package set that was found and not read yet. */
export interface Input {
  /** Kind of source and where it is, for people. */
  origin: string;
  /** Equal keys mean equal content; null where that cannot be told before reading. */
  key: string | null;
  revision: string | null;
  open: () => Promise<OpenInput>;
}

/** A package set, ready to be read. */
interface OpenInput {
  streams: JobStream[];
  nixpkgsVersion: string | null;
  /** The tree, where there is one outside the store. */
  treePath?: string | undefined;
  /** Versions of the tools that read it, for the record. */
  versions?: { tool: string; version: string }[];
  references: () => Promise<References>;
}

/** Finds what the configuration names, without reading more of it than tells whether it changed. */
export async function findInput(config: Config, context: StageContext): Promise<Input> {
  const { references: path } = config.nixpkgs;
  if (path === null) return findPackages(config, {}, context);
  // Read before anything else is done: counts that are wrong or changed must not show after an hour, or never.
  const { digest, references } = await readReferenceFile(path);
  const found = await findPackages(config, references, context);
  return { ...found, key: found.key === null ? null : `${found.key} ${digest}` };
}

async function findPackages(config: Config, references: References, context: StageContext): Promise<Input> {
  const { nixpkgs } = config;
  if (nixpkgs.source === 'jsonl') return recordings(nixpkgs, references, context);
  if (nixpkgs.source === 'channel') return channel(nixpkgs, references, context);
  return live(config, nixpkgs.source, references, context);
}

async function live(config: Config, source: LiveSource, references: References, context: StageContext): Promise<Input> {
  const { nixpkgs, evaluation: limits } = config;
  const cacheDirectory = cacheDirectoryOf(config.cache, process.env);
  const located = await locate({ ...nixpkgs, source }, cacheDirectory, context);
  const systems = nixpkgs.systems.length > 0 ? nixpkgs.systems : [currentSystem()];
  return {
    origin: `${source} ${located.origin}`,
    // A dataset may be brought to a machine of another system, whose own it would be without any setting.
    key: `${located.key} ${systems.join(' ')}`,
    revision: located.revision,
    async open() {
      const target = await located.fetch();
      const { streams, nixVersion } = await evaluate(target, { systems, limits, cacheDirectory }, context);
      const { tree, nixpkgsVersion } = target;
      // Collected while the evaluation runs, and asked for after it.
      const collected =
        tree === null || nixpkgs.references !== null ? Promise.resolve(references) : collectReferences(tree, context);
      collected.catch(() => {});
      return {
        streams,
        nixpkgsVersion,
        treePath: tree ?? undefined,
        versions: [{ tool: 'nix-eval-jobs (Nix)', version: nixVersion }],
        references: () => collected,
      };
    },
  };
}

async function recordings(config: Config['nixpkgs'], references: References, context: StageContext): Promise<Input> {
  const paths = pathsOf(config);
  if (paths.length === 0)
    throw new UsageError('nixpkgs.path: name a file with recorded nix-eval-jobs output, or - for standard input');
  const key = await digestOf(paths, context.signal);
  return {
    origin: `jsonl ${paths.join(', ')}`,
    key,
    revision: config.revision,
    open: async () => ({
      streams: openRecordings(paths, context),
      nixpkgsVersion: null,
      references: async () => references,
    }),
  };
}

async function channel(config: Config['nixpkgs'], references: References, context: StageContext): Promise<Input> {
  const [path = null] = pathsOf(config);
  const { url, ref, revision } = config;
  const found = await findChannel({ path, url, ref, revision }, context);
  return {
    origin: `channel ${found.origin}`,
    key: path === null ? found.revision : await digestOf([path], context.signal),
    revision: found.revision,
    open: async () => {
      context.report({ type: 'info', message: 'packages.json knows no inputs: the dataset will have no dependencies' });
      return {
        streams: [openChannel(found)],
        nixpkgsVersion: null,
        references: async () => references,
      };
    },
  };
}

function pathsOf({ path }: Config['nixpkgs']): string[] {
  return path === null ? [] : [path].flat();
}

/**
 * SHA-256 over the content of files, or a KnownError that names the one that cannot be read; null where one is standard input
 * or a pipe, which can be read but once.
 */
async function digestOf(paths: string[], signal: AbortSignal): Promise<string | null> {
  const digest = createHash('sha256');
  for (const path of paths) {
    if (path === '-') return null;
    try {
      const found = await stat(path);
      if (found.isDirectory()) throw new KnownError(`${path} is a directory, not a file (nixpkgs.path)`);
      if (!found.isFile()) return null;
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }))
        digest.update(chunk as Buffer);
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      const reason = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
      throw new KnownError(`${path}: ${reason} (nixpkgs.path)`, { cause: error });
    }
    digest.update('\0');
  }
  return digest.digest('hex');
}

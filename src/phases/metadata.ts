import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import process from 'node:process';
import type { ClusterOverrides } from '../cluster/model.ts';
import type { Config } from '../config/config.generated.ts';
import { tuned } from '../tuning.ts';
import type { JobStream } from '../model.ts';
import { duplicateError } from '../normalize/normalize.ts';
import type { StageContext } from '../report/event.ts';
import type { IncomingSystem } from '../store/metadata/collect.ts';
import type { Provenance } from '../store/metadata/run-row.ts';
import { writeMetadata, type MetadataSummary } from '../store/metadata/write-metadata.ts';
import { knownVectors } from '../store/known-vectors.ts';
import { lastRun } from '../store/run-log.ts';
import { schemaVersion } from '../store/table.ts';
import { analyser, overridesOf } from './analyse.ts';
import { findInput, type Input } from './input.ts';
import { portionsOf, type PortionSettings } from './portions.ts';
import { Workers } from './workers.ts';
import { toolVersion } from '../version.ts';
import { dependencyPathOf } from './paths.ts';

/** What a metadata phase came to: nothing to do, or a new dataset. */
export type MetadataResult =
  | { status: 'unchanged'; origin: string; revision: string | null }
  | ({ status: 'written' } & MetadataSummary);

/** Reads or evaluates the package set and writes the main dataset, unless it holds just that already. */
export async function metadataPhase(config: Config, force: boolean, context: StageContext): Promise<MetadataResult> {
  const overrides = await overridesOf(config, context.signal);
  const input = await findInput(config, context);
  const identity = identityOf(config, input, overrides);
  if (!force && identity !== null && (await isThere(config, identity))) {
    return { status: 'unchanged', origin: input.origin, revision: input.revision };
  }
  const opened = await input.open();
  const provenance = (): Provenance => ({
    source: input.origin,
    revision: input.revision,
    nixpkgsVersion: opened.nixpkgsVersion,
    identity: identity ?? '',
    versions: [...toolVersions(), ...(opened.versions ?? [])],
  });
  const workers = new Workers();
  const write = () =>
    writeMetadata(
      opened.streams.map((stream) => incoming(stream, opened.treePath, config, workers, context)),
      {
        path: config.output.path,
        dependencyPath: dependencyPathOf(config.output),
        provenance,
        references: opened.references,
        duplicate: duplicateError,
        analyse: analyser(config, overrides, context),
        vectors: knownVectors,
        fts: config.fts,
        batchThread: workers.forBatches,
      },
      context,
    );
  try {
    return { status: 'written', ...(await tuned(write)) };
  } finally {
    await workers.stop();
  }
}

/** Whether the last run gave this very result, and ended with the dependency JSON in its place. */
async function isThere(config: Config, identity: string): Promise<boolean> {
  const last = await lastRun(config.output.path, 'metadata');
  if (last?.identity !== identity) return false;
  const json = dependencyPathOf(config.output);
  return !last.dependencies_known || (existsSync(json) && !existsSync(`${json}.partial`));
}

function incoming(
  stream: JobStream,
  treePath: string | undefined,
  config: Config,
  workers: Workers,
  context: StageContext,
): IncomingSystem {
  const { system, origin } = stream;
  const settings = { origin, treePath, maxChars: config.embedding.maxChars };
  const fallback = config.nixpkgs.systems[0] ?? 'unknown';
  return { system, origin, fallback, portions: whole(stream, settings, workers, context) };
}

/** All of a stream, and then the word that it is complete. */
async function* whole(stream: JobStream, settings: PortionSettings, workers: Workers, context: StageContext) {
  yield* portionsOf(stream, settings, workers, context);
  await stream.finished?.();
}

/** What decides about the result: the package set and every setting that the phase looks at. */
function identityOf(config: Config, input: Input, overrides: ClusterOverrides): string | null {
  if (input.key === null) return null;
  const { systems, overlays, config: nixpkgsConfig } = config.nixpkgs;
  const { maxChars } = config.embedding;
  const settings = { systems, overlays, nixpkgsConfig, maxChars, overrides, graph: config.graph, fts: config.fts };
  const { origin, key, revision } = input;
  const parts = [schemaVersion, toolVersion(), origin, key, revision, settings, dependencyPathOf(config.output)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function toolVersions(): Provenance['versions'] {
  return [
    { tool: 'fdnix-indexer', version: toolVersion() },
    { tool: 'node', version: process.versions.node },
  ];
}

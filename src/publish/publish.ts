import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from '../config/config.generated.ts';
import type { StageContext } from '../report/event.ts';
import { summarizeDataset, type DatasetSummary } from '../store/summary.ts';
import { noteRun } from '../store/note-run.ts';
import { previewDataset, publishDataset, type Preview, type Publication } from './dataset.ts';
import { publishDependencyJson, type DependencyUpload } from './dependency-json.ts';
import { guardError, guardViolations } from './guard.ts';
import { fillKey, latestKey } from './keys.ts';
import { readLatest } from './latest.ts';
import { publishLayer, type LayerPublication } from './layer.ts';
import type { Target } from './remote-state.ts';
import type { Bucket } from './s3-client.ts';
import { bucketOf, layerKeyOf, layerServiceOf, publishOptionsOf, targetsOf, type DatasetName } from './settings.ts';

/** What publishing needs besides the configuration. */
export interface PublishDeps {
  /** Which datasets; those without a key are passed over. */
  datasets: readonly DatasetName[];
  /** File of the dependency JSON; uploaded with the main dataset where it is there. */
  dependencyPath: string;
  /** What is wrong with a dataset, each a sentence. */
  verify: (path: string, context: StageContext) => Promise<string[]>;
  /** Why to publish in spite of the guard. */
  force: string | null;
}

/** What came of a publication. */
export interface PublishSummary {
  datasets: Partial<Record<DatasetName, Publication>>;
  dependencies: DependencyUpload | null;
  layer: LayerPublication | null;
}

interface Candidate {
  name: DatasetName;
  target: Target;
  path: string;
  summary: DatasetSummary;
}

/**
 * Publishes datasets, and with them the dependency JSON and the layer. Nothing goes up unless the guard has seen all of them.
 * Throws a KnownError that says what was not published and why.
 */
export async function publish(config: Config, deps: PublishDeps, context: StageContext): Promise<PublishSummary> {
  const bucket = bucketOf(config);
  try {
    let candidates = await candidatesOf(config, bucket, deps.datasets);
    const reasons = await guard(config, candidates, deps, context);
    if (reasons.length > 0 && deps.force === null)
      throw guardError(candidates.map(({ path }) => path).join(' and '), reasons);
    if (reasons.length > 0) {
      const note = `published in spite of the guard: ${deps.force}. ${reasons.join('; ')}`;
      context.report({ type: 'warning', message: note });
      if (existsSync(resolve(config.output.path))) await noteRun(resolve(config.output.path), 'publish', note, context);
      candidates = await candidatesOf(config, bucket, deps.datasets);
    }
    const forced = reasons.length > 0 ? deps.force : null;
    const result: PublishSummary = { datasets: {}, dependencies: null, layer: null };
    for (const candidate of candidates) {
      result.datasets[candidate.name] = await publishOne(config, candidate, forced, context);
      if (candidate.name === 'main')
        result.dependencies = await publishJson(config, candidate, deps.dependencyPath, context);
      else result.layer = await publishLayerOf(config, candidate, context);
    }
    return result;
  } finally {
    bucket.client.destroy();
  }
}

/** What `publish` would send, leave and let go, for each dataset. */
export async function preview(
  config: Config,
  datasets: readonly DatasetName[],
  context: StageContext,
): Promise<Partial<Record<DatasetName, Preview>>> {
  const bucket = bucketOf(config);
  try {
    const result: Partial<Record<DatasetName, Preview>> = {};
    for (const { name, target, path, summary } of await candidatesOf(config, bucket, datasets)) {
      result[name] = await previewDataset(target, path, summary.revision, config.s3.keep, context);
    }
    return result;
  } finally {
    bucket.client.destroy();
  }
}

/** The datasets that have a key, each as the generation that is there now: a later run cannot pull it away while it is sent. */
async function candidatesOf(config: Config, bucket: Bucket, datasets: readonly DatasetName[]): Promise<Candidate[]> {
  const targets = targetsOf(config, bucket);
  const candidates: Candidate[] = [];
  let revision: string | null = null;
  for (const name of datasets) {
    const target = targets[name];
    if (target === undefined) continue;
    const link = resolve(name === 'main' ? config.output.path : config.output.minifiedPath);
    const path = existsSync(link) ? await realpath(link) : link;
    const summary = await summarizeDataset(path, config.publish.guard.canaries);
    revision = summary.revision ?? revision;
    candidates.push({ name, target, path, summary: { ...summary, revision: summary.revision ?? revision } });
  }
  return candidates;
}

async function guard(
  { publish: { guard: rules } }: Config,
  candidates: Candidate[],
  { verify }: PublishDeps,
  context: StageContext,
): Promise<string[]> {
  const reasons: string[] = [];
  for (const { name, target, path, summary } of candidates) {
    const latest = await readLatest(target.bucket, latestKey(target.template), context.signal);
    const found = guardViolations(rules, {
      counts: summary.counts,
      published: latest?.latest.counts ?? null,
      missing: summary.missing,
      problems: await verify(path, context),
    });
    reasons.push(...found.map((reason) => `${name} dataset: ${reason}`));
  }
  return reasons;
}

async function publishOne(
  config: Config,
  { target, path, summary }: Candidate,
  forced: string | null,
  context: StageContext,
): Promise<Publication> {
  const started = performance.now();
  const { schemaVersion, revision, counts } = summary;
  const description = { schemaVersion, revision, counts, ...(forced === null ? {} : { forced }) };
  const done = await publishDataset(target, path, description, publishOptionsOf(config), context);
  const { uploadedFiles, uploadedBytes, copiedFiles, unchangedFiles, deletedFiles } = done;
  context.report({
    type: 'step',
    task: done.status === 'unchanged' ? `${done.uri}: already published` : `publish ${done.uri}`,
    seconds: (performance.now() - started) / 1000,
    counts: { uploadedFiles, uploadedBytes, copiedFiles, unchangedFiles, deletedFiles },
  });
  return done;
}

async function publishJson(
  config: Config,
  { target, summary }: Candidate,
  file: string,
  context: StageContext,
): Promise<DependencyUpload | null> {
  const { dependencyKey, dependencyCompression } = config.s3;
  if (dependencyKey === null) return null;
  if (!existsSync(file)) {
    context.report({ type: 'warning', message: `${file}: there is no dependency JSON to upload to s3.dependencyKey` });
    return null;
  }
  const key = fillKey(dependencyKey, valuesOf(summary), 's3.dependencyKey');
  return await publishDependencyJson(target.bucket, key, file, dependencyCompression, context);
}

async function publishLayerOf(
  config: Config,
  { target, path, summary }: Candidate,
  context: StageContext,
): Promise<LayerPublication | null> {
  const service = layerServiceOf(config);
  if (service === null) return null;
  const { keep, updateFunctions } = config.layer;
  const key = fillKey(layerKeyOf(config), valuesOf(summary), 'layer.key');
  const description = `fdnix dataset of ${summary.revision ?? 'an unknown revision'}, ${summary.counts.packages} packages`;
  const started = performance.now();
  const done = await publishLayer(
    service,
    path,
    { bucket: target.bucket, key, keep, updateFunctions, description },
    context,
  );
  context.report({
    type: 'step',
    task: done.status === 'unchanged' ? `${done.versionArn}: already published` : `publish ${done.versionArn}`,
    seconds: (performance.now() - started) / 1000,
    counts: {
      zippedBytes: done.zipped,
      unzippedBytes: done.unzipped,
      functionsMoved: done.moved.length,
      versionsDeleted: done.deleted.length,
    },
  });
  return done;
}

function valuesOf({ revision }: DatasetSummary): { date: string; revision: string | null } {
  return { date: new Date().toISOString().slice(0, 10), revision };
}

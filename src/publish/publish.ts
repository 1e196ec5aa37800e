import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from '../config/config.generated.ts';
import type { StageContext } from '../report/event.ts';
import { summarizeDataset, type DatasetSummary } from '../store/summary.ts';
import { noteRun } from '../store/note-run.ts';
import { previewDataset, publishDataset, standingOf, type Preview, type Publication } from './dataset.ts';
import { publishDependencyJson, type DependencyUpload } from './dependency-json.ts';
import { guardError, guardViolations } from './guard.ts';
import { fillKey, latestKey, type DatasetName } from './keys.ts';
import { readLatest } from './latest.ts';
import { publishLayer, type LayerPublication } from './layer.ts';
import type { Target } from './remote-state.ts';
import { rollback } from './rollback.ts';
import type { Bucket } from './s3-client.ts';
import { bucketOf, layerKeyOf, layerServiceOf, publishOptionsOf, targetsOf } from './settings.ts';

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
    const places = await placesOf(config, bucket, deps.datasets);
    const { reasons, names } = await guard(config, places, deps, context);
    if (reasons.length > 0) {
      const note = `published in spite of the guard: ${deps.force}. ${reasons.join('; ')}`;
      context.report({ type: 'warning', message: note });
      const main = resolve(pathOf(config, 'main'));
      if (existsSync(main)) await noteRun(main, 'publish', note, context);
    }
    const result: PublishSummary = { datasets: {}, dependencies: null, layer: null };
    // A note in `runs` made another generation of the main dataset.
    const candidates = await summaries(
      config,
      reasons.length > 0 ? await placesOf(config, bucket, deps.datasets) : places,
    );
    for (const candidate of candidates) {
      const { name } = candidate;
      result.datasets[name] = await publishOne(config, candidate, names.has(name) ? deps.force : null, context);
      if (name === 'main') result.dependencies = await publishJson(config, candidate, deps.dependencyPath, context);
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
    for (const { name, target, path, summary } of await summaries(config, await placesOf(config, bucket, datasets))) {
      result[name] = await previewDataset(target, path, summary.revision, config.s3.keep, context);
    }
    return result;
  } finally {
    bucket.client.destroy();
  }
}

/** Points `latest.json` of each dataset at the snapshot before; names the publication times. */
export async function rollbackAll(
  config: Config,
  datasets: readonly DatasetName[],
  context: StageContext,
): Promise<{ uri: string; from: string; to: string }[]> {
  const bucket = bucketOf(config);
  try {
    const targets = targetsOf(config, bucket);
    const done = [];
    for (const name of datasets) {
      const target = targets[name];
      if (target === undefined) continue;
      const { from, to } = await rollback(target, publishOptionsOf(config), context);
      done.push({
        uri: `s3://${bucket.name}/${latestKey(target.template)}`,
        from: from.publishedAt,
        to: to.publishedAt,
      });
    }
    return done;
  } finally {
    bucket.client.destroy();
  }
}

type Place = Omit<Candidate, 'summary'>;

/** The datasets that have a key, each as the generation that is there now: a later run cannot pull it away while it is sent. */
async function placesOf(config: Config, bucket: Bucket, datasets: readonly DatasetName[]): Promise<Place[]> {
  const targets = targetsOf(config, bucket);
  const places: Place[] = [];
  for (const name of datasets) {
    const target = targets[name];
    if (target === undefined) continue;
    const link = resolve(pathOf(config, name));
    places.push({ name, target, path: existsSync(link) ? await realpath(link) : link });
  }
  return places;
}

/** Where a dataset lies on this machine; the embedding phase alone may work on another main dataset. */
export function pathOf({ mode, output, embedding }: Config, name: DatasetName): string {
  if (name === 'minified') return output.minifiedPath;
  return mode === 'embedding' ? (embedding.datasetPath ?? output.path) : output.path;
}

async function summaries(config: Config, places: Place[]): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const place of places) {
    candidates.push({ ...place, summary: await summarizeDataset(place.path, config.publish.guard.canaries) });
  }
  return candidates;
}

/**
 * Why datasets must not be published, and which; those that are published already are not looked at. Throws unless there is a
 * reason to publish them all the same.
 */
async function guard(
  config: Config,
  places: Place[],
  deps: PublishDeps,
  context: StageContext,
): Promise<{ reasons: string[]; names: Set<DatasetName> }> {
  const reasons: string[] = [];
  const names = new Set<DatasetName>();
  for (const place of places) {
    const found = await guardOne(config, place, deps, context);
    if (found.length > 0) names.add(place.name);
    reasons.push(...found.map((reason) => `${place.name} dataset: ${reason}`));
  }
  if (reasons.length > 0 && deps.force === null) throw guardError([...names].join(' and '), reasons);
  return { reasons, names };
}

async function guardOne(
  config: Config,
  place: Place,
  { verify, force }: PublishDeps,
  context: StageContext,
): Promise<string[]> {
  const { target, path } = place;
  const standing = await standingOf(target, path, context);
  if (standing.status === 'current') return [];
  const problems = await verify(path, context);
  // What is torn may not even be countable.
  if (problems.length > 0 && force === null)
    throw guardError(
      path,
      problems.map((problem) => `verify: ${problem}`),
    );
  const { counts, missing } = await summarizeDataset(path, config.publish.guard.canaries);
  const latest = await readLatest(target.bucket, latestKey(target.template), context.signal);
  const input = { counts, published: latest?.latest.counts ?? null, missing, problems };
  const reasons = guardViolations(config.publish.guard, input);
  return standing.status !== 'withdrawn'
    ? reasons
    : [...reasons, `this very dataset was rolled back at ${standing.at}`];
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

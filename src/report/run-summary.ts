import type { Config } from '../config/config.generated.ts';
import type { PipelineResult } from '../pipeline.ts';
import type { ReportEvent } from './event.ts';
import type { PublishSummary } from '../publish/publish.ts';
import { embeddingLines } from './embedding-lines.ts';
import { formatBytes, formatCount, formatDuration } from './format.ts';

type Line = [label: string, value: string];

/** The summary of a run: what is there now, what changed, and where the time went. */
export function summaryOf(config: Config, result: PipelineResult): ReportEvent {
  const lines = [
    ...metadataLines(config, result),
    ...embedded(result),
    ...minifiedLines(config, result),
    ...publishedLines(result),
  ];
  const total = Object.values(result.seconds).reduce((sum, seconds) => sum + seconds, 0);
  lines.push(['time', formatDuration(total)]);
  return { type: 'summary', title: 'done', lines, data: dataOf(config, result) };
}

function metadataLines({ output }: Config, { metadata }: PipelineResult): Line[] {
  if (metadata === undefined) return [];
  if (metadata.status === 'unchanged') {
    return [
      ['unchanged', `${metadata.origin}: same content and settings as in the last run (--force runs anyway)`],
      ['dataset', output.path],
    ];
  }
  const { run, delta } = metadata;
  const lines: Line[] = [
    ['source', run.source],
    ['packages', `${formatCount(run.packages)} (${deltaText(delta)})`],
    ['errors', `${formatCount(run.errors - run.invalid_lines)} attributes do not evaluate; table errors says why`],
  ];
  if (run.invalid_lines > 0)
    lines.push(['invalid', `${formatCount(run.invalid_lines)} lines are no jobs; table errors has them`]);
  for (const { system, packages, edges, resolved_edges: resolved } of run.systems) {
    const known = run.dependencies_known
      ? `, ${formatCount(edges)} edges, ${formatCount(resolved)} lead to a package`
      : '';
    lines.push([system, `${formatCount(packages)} packages${known}`]);
  }
  lines.push(['dataset', output.path], ['slowest', slowest(run.timings)]);
  return lines;
}

function embedded({ embedding }: PipelineResult): Line[] {
  return embedding === undefined ? [] : embeddingLines(embedding);
}

function minifiedLines({ output }: Config, { minified }: PipelineResult): Line[] {
  if (minified === undefined) return [];
  if (minified.status === 'unchanged') return [['minified', `${output.minifiedPath} (unchanged)`]];
  const vectors = minified.vectors === 0 ? 'no vectors' : `${formatCount(minified.vectors)} vectors`;
  return [['minified', `${output.minifiedPath} (${formatCount(minified.packages)} packages, ${vectors})`]];
}

function publishedLines({ published = [] }: PipelineResult): Line[] {
  return published.flatMap(publicationLines);
}

/** What of a publication a person wants to see. */
export function publicationLines({ datasets, dependencies, layer }: PublishSummary): Line[] {
  const lines = Object.values(datasets).map(({ uri, status, uploadedBytes, uploadedFiles }): Line => {
    const sent = `${formatCount(uploadedFiles)} files, ${formatBytes(uploadedBytes)} sent`;
    return ['published', `${uri} (${status === 'unchanged' ? 'unchanged' : sent})`];
  });
  if (dependencies !== null) {
    const { uri, status, bytes } = dependencies;
    lines.push(['published', `${uri} (${status === 'unchanged' ? status : formatBytes(bytes)})`]);
  }
  if (layer !== null)
    lines.push(['layer', `${layer.versionArn} (${layer.status}, ${formatBytes(layer.unzipped)} unzipped)`]);
  return lines;
}

function deltaText(delta: { added: number; changed: number; removed: string[]; rederived: number }): string {
  const { added, changed, removed, rederived } = delta;
  const parts = [
    [added, 'new'],
    [changed, 'changed'],
    [removed.length, 'removed'],
    [rederived, 'with other ranks only'],
  ] as const;
  const named = parts.filter(([count]) => count > 0).map(([count, word]) => `${formatCount(count)} ${word}`);
  return named.length === 0 ? 'nothing changed' : named.join(', ');
}

function slowest(timings: { step: string; seconds: number }[]): string {
  return timings
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, 3)
    .map(({ step, seconds }) => `${step} ${formatDuration(seconds)}`)
    .join(', ');
}

function dataOf(
  config: Config,
  { metadata, embedding, minified, published, seconds }: PipelineResult,
): Record<string, unknown> {
  const written = metadata?.status === 'written' ? metadata : undefined;
  return {
    mode: config.mode,
    output: config.output,
    seconds,
    metadata: metadata && {
      status: metadata.status,
      ...written?.run,
      rederived: written?.delta.rederived,
      dependencies_changed: written?.dependenciesChanged,
    },
    embedding,
    minified,
    published,
  };
}

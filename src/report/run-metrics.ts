import type { Config } from '../config/config.generated.ts';
import type { PipelineResult } from '../pipeline.ts';
import type { Metric, Sample } from './metrics.ts';

/** How a run came out. */
export interface RunOutcome {
  config: Config;
  version: string;
  finishedAt: Date;
  success: boolean;
  /** What the run did, or had done when it failed. */
  result: PipelineResult;
  /** Bytes on disk of the datasets that are there. */
  bytes: { main?: number; minified?: number };
}

/** The figures of a run for monitoring; each sample carries the dataset's path, which tells several indexers apart. */
export function runMetrics(outcome: RunOutcome): Metric[] {
  const { config, version, finishedAt, success } = outcome;
  const dataset = config.output.path;
  const now = finishedAt.getTime() / 1000;
  const gauge = (name: string, help: string, samples: (Sample | undefined)[]): Metric => ({
    name: `fdnix_${name}`,
    help,
    samples: samples
      .filter((sample) => sample !== undefined)
      .map(({ labels, value }) => ({ labels: { dataset, ...labels }, value })),
  });
  return [
    gauge('build_info', 'The version that ran, as a label.', [{ labels: { version, mode: config.mode }, value: 1 }]),
    gauge('last_run_timestamp_seconds', 'When the last run ended.', [{ value: now }]),
    gauge('last_run_success', 'Whether the last run did all that was asked of it.', [{ value: success ? 1 : 0 }]),
    gauge('last_success_timestamp_seconds', 'When a run last ended well, changed or not.', [
      success ? { value: now } : undefined,
    ]),
    ...phaseMetrics(outcome, gauge),
    ...datasetMetrics(outcome, gauge),
    ...embeddingMetrics(outcome, gauge),
    ...publishMetrics(outcome, gauge),
  ];
}

type Gauge = (name: string, help: string, samples: (Sample | undefined)[]) => Metric;

function phaseMetrics({ result }: RunOutcome, gauge: Gauge): Metric[] {
  const seconds = Object.entries(result.seconds);
  return [
    gauge(
      'phase_duration_seconds',
      'How long each phase of the last run took.',
      seconds.map(([phase, value]) => ({ labels: { phase }, value })),
    ),
  ];
}

function datasetMetrics({ result, bytes }: RunOutcome, gauge: Gauge): Metric[] {
  const run = result.metadata?.status === 'written' ? result.metadata.run : undefined;
  const bySystem = (pick: (counts: NonNullable<typeof run>['systems'][number]) => number): Sample[] =>
    (run?.systems ?? []).map((counts) => ({ labels: { system: counts.system }, value: pick(counts) }));
  return [
    gauge('packages', 'Packages in the dataset.', [run && { value: run.packages }]),
    gauge('evaluation_errors', 'Attributes that did not evaluate.', [run && { value: run.errors }]),
    gauge('invalid_lines', 'Lines of the evaluation that were no job.', [run && { value: run.invalid_lines }]),
    gauge(
      'system_packages',
      'Packages of a system.',
      bySystem((counts) => counts.packages),
    ),
    gauge(
      'system_edges',
      'Declared inputs of a system.',
      bySystem((counts) => counts.edges),
    ),
    gauge(
      'system_resolved_edges',
      'Inputs that lead to a package.',
      bySystem((counts) => counts.resolved_edges),
    ),
    gauge('dataset_bytes', 'Size of the datasets on disk.', [
      bytes.main === undefined ? undefined : { labels: { kind: 'main' }, value: bytes.main },
      bytes.minified === undefined ? undefined : { labels: { kind: 'minified' }, value: bytes.minified },
    ]),
  ];
}

function embeddingMetrics({ result }: RunOutcome, gauge: Gauge): Metric[] {
  const embedding = result.embedding?.status === 'skipped' ? undefined : result.embedding;
  return [
    gauge('vectors', 'Packages with a vector.', [embedding && { value: embedding.withVector }]),
    gauge('embedded_texts', 'Texts that the last embedding gave a vector.', [
      embedding && { value: embedding.embedded },
    ]),
    gauge('unembedded_texts', 'Texts that the last embedding left without a vector.', [
      embedding && { value: embedding.unembedded.length },
    ]),
    gauge('embedding_cost_dollars', 'What the last embedding cost.', [embedding && { value: embedding.usage.cost }]),
  ];
}

function publishMetrics({ result }: RunOutcome, gauge: Gauge): Metric[] {
  const publications = (result.published ?? []).flatMap(({ datasets }) => Object.entries(datasets));
  const layer = result.published?.findLast((summary) => summary.layer !== null)?.layer;
  const byKind = (pick: (publication: (typeof publications)[number][1]) => number): Sample[] =>
    publications.map(([kind, publication]) => ({ labels: { kind }, value: pick(publication) }));
  return [
    gauge(
      'published_bytes',
      'Size of the published datasets.',
      byKind(({ bytes }) => bytes),
    ),
    gauge(
      'uploaded_bytes',
      'What the last publication had to send of it.',
      byKind(({ uploadedBytes }) => uploadedBytes),
    ),
    gauge('layer_unzipped_bytes', 'Size of the Lambda layer, unzipped.', [
      layer ? { value: layer.unzipped } : undefined,
    ]),
  ];
}

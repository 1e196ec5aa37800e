import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config/config.generated.ts';
import { pathOf, publish, type PublishSummary } from '../publish/publish.ts';
import { bucketOf, targetsOf } from '../publish/settings.ts';
import type { DatasetName } from '../publish/keys.ts';
import { checkTarget } from '../publish/remote-state.ts';
import { downloadDataset } from '../publish/sync-down.ts';
import type { Phase, StageContext } from '../report/event.ts';
import { verifyDataset } from '../store/verify/verify.ts';
import { dependencyPathOf } from './paths.ts';

/** Publishes datasets when they pass verify and the guard; `force` is the reason for publishing them all the same. */
export async function publishPhase(
  config: Config,
  datasets: readonly DatasetName[],
  force: string | null,
  context: StageContext,
): Promise<PublishSummary> {
  return await publish(config, { datasets, dependencyPath: dependencyPathOf(config.output), verify, force }, context);
}

async function verify(path: string): Promise<string[]> {
  const { checks } = await verifyDataset(path);
  return checks.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
}

/**
 * Downloads the published datasets that the phases go on from and that are not on this machine; nothing where nothing is published
 * yet, or no bucket is configured. Throws a KnownError where something is in the way of publishing.
 */
export async function fetchMissing(config: Config, phases: readonly Phase[], context: StageContext): Promise<void> {
  if (config.s3.bucket === null) return;
  const names: DatasetName[] = phases.includes('minified') ? ['main', 'minified'] : ['main'];
  const wanted = names.map((name): [DatasetName, string] => [name, pathOf(config, name)]);
  const bucket = bucketOf(config);
  try {
    const targets = targetsOf(config, bucket);
    for (const [name, path] of wanted) {
      const target = targets[name];
      if (target === undefined) continue;
      await checkTarget(target, context.signal);
      if (existsSync(resolve(path))) continue;
      const started = performance.now();
      const download = await downloadDataset(target, resolve(path), context, config.s3.snapshot);
      if (download === null) continue;
      const { files, downloadedBytes, snapshot } = download;
      const seconds = (performance.now() - started) / 1000;
      context.report({
        type: 'step',
        task: `download s3://${bucket.name}/${snapshot.prefix}`,
        seconds,
        counts: { files, downloadedBytes },
      });
    }
  } finally {
    bucket.client.destroy();
  }
}

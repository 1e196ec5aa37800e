import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Config } from '../config/config.generated.ts';
import type { StageContext } from '../report/event.ts';
import { connectDataset, openTableIfThere } from '../store/connection.ts';
import { writeMinified, type MinifiedCounts } from '../minify/minify.ts';
import { readRuns } from '../store/run-log.ts';
import { schemaVersion } from '../store/table.ts';

/** What a minified phase came to. */
export type MinifiedResult = { status: 'unchanged' } | ({ status: 'written' } & MinifiedCounts);

/** Derives the minified dataset from the main one, unless it was derived from just that already. */
export async function minifiedPhase(config: Config, force: boolean, context: StageContext): Promise<MinifiedResult> {
  const { path: source, minifiedPath: path } = config.output;
  await connectDataset(source);
  const runs = (await readRuns(source)).filter(({ phase }) => ['metadata', 'embedding', 'cluster'].includes(phase));
  const { fts, vectorIndex } = config;
  const parts = [schemaVersion, runs.map(({ run_id: id }) => id), fts, vectorIndex];
  const identity = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  if (!force && (await identityOf(path)) === identity) return { status: 'unchanged' };
  const metadataRun = runs.find(({ phase }) => phase === 'metadata');
  const metadata = {
    identity,
    revision: metadataRun?.revision ?? '',
    nixpkgs_version: metadataRun?.nixpkgs_version ?? '',
    indexed_at: metadataRun?.finished_at.toISOString() ?? '',
    dependencies_known: String(metadataRun?.dependencies_known ?? true),
  };
  return { status: 'written', ...(await writeMinified({ source, path, fts, vectorIndex, metadata }, context)) };
}

async function identityOf(path: string): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  const table = await openTableIfThere(await connectDataset(path), 'packages');
  return (await table?.schema())?.metadata.get('identity');
}

import { KnownError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { formatDollars } from '../report/format.ts';
import type { Attached, EmbeddingDataset } from './dataset.ts';
import { byPopularity, popularityOf, type Candidate } from './popularity.ts';
import type { EmbeddingOutcome, EmbeddingProvider, Estimate, Unembedded, Usage, VectorKey } from './provider.ts';
import type { VectorSpool } from './spool.ts';
import { composeText, contentHash } from './text.ts';

export interface EmbeddingOptions {
  maxChars: number;
  /** A run that would embed more texts, or cost more US dollars, stops before it does. */
  maxTexts: number;
  maxCost: number;
  forceRebuild: boolean;
  allowPartial: boolean;
}

/** What there is to embed. */
export interface EmbeddingPlan {
  packages: number;
  /** Distinct texts; of these, those that have a vector, those that an earlier run sent off, and those to be sent. */
  texts: number;
  reused: number;
  inFlight: number;
  pending: Candidate[];
  estimate: Estimate;
}

/** What an embedding phase did. */
export interface EmbeddingSummary extends Omit<EmbeddingPlan, 'pending' | 'estimate'>, Omit<Attached, 'changed'> {
  key: VectorKey;
  /** Texts that got a vector in this run. */
  embedded: number;
  unembedded: Unembedded[];
  usage: Usage;
  /** Whether every package has a vector now. */
  complete: boolean;
  /** Whether anything was written. */
  changed: boolean;
}

/** Works out what there is to embed: distinct texts without a vector, the most used first. */
export async function planEmbedding(
  dataset: EmbeddingDataset,
  provider: Pick<EmbeddingProvider, 'key' | 'inFlight' | 'estimate'>,
  spooled: ReadonlySet<string>,
  options: EmbeddingOptions,
  context: StageContext,
): Promise<EmbeddingPlan> {
  const { texts, packages } = await readTexts(dataset, options.maxChars);
  const known = options.forceRebuild ? new Set<string>() : await dataset.known(provider.key);
  const isThere = (hash: string) => known.has(hash) || spooled.has(hash);
  const missing = [...texts.values()].filter(({ hash }) => !isThere(hash));
  // Nothing outside this machine is asked where nothing is missing.
  const sent = missing.length > 0 ? await provider.inFlight(context) : new Set<string>();
  const pending = missing.filter(({ hash }) => !sent.has(hash)).toSorted(byPopularity);
  return {
    packages,
    texts: texts.size,
    reused: texts.size - missing.length,
    inFlight: missing.length - pending.length,
    pending,
    estimate: await provider.estimate(pending),
  };
}

/**
 * The phase: embeds what has no vector for its text, keeps every vector as it comes, puts them into the packages.
 * Where some could not be had, those that came are kept for the next run, and the packages keep what they had before if that was made by
 * another model.
 * @throws KnownError where the run would go beyond maxTexts or maxCost
 */
export async function embedDataset(
  dataset: EmbeddingDataset,
  provider: EmbeddingProvider,
  spool: VectorSpool,
  options: EmbeddingOptions,
  context: StageContext,
): Promise<EmbeddingSummary> {
  const plan = await planEmbedding(dataset, provider, spool.hashes, options, context);
  context.report({ type: 'info', message: planText(plan) });
  assertWithinLimits(plan.estimate, options);
  const before = spool.hashes.size;
  const outcome = await receive(provider, plan.pending, spool, context);
  const embedded = spool.hashes.size - before;
  const added = await dataset.add(provider.key, spool.read(), { replace: options.forceRebuild });
  const reasons = new Map(outcome.unembedded.map(({ hash, reason, waits }) => [hash, { reason, waits }]));
  const column = { provider: provider.name, ...provider.key };
  const current = await dataset.current();
  const keepOld =
    current !== null && !sameKey(current, provider.key) && outcome.unembedded.length > 0 && !options.allowPartial;
  if (keepOld) context.report({ type: 'warning', message: keepOldText(current, provider.key) });
  const attached = keepOld
    ? await counted(dataset, current)
    : await dataset.attach(column, reasons, { anew: options.forceRebuild });
  const { packages, texts, reused, inFlight } = plan;
  return {
    packages,
    texts,
    reused,
    inFlight,
    ...attached,
    key: provider.key,
    embedded,
    ...outcome,
    complete: !keepOld && attached.without === 0,
    changed: added > 0 || attached.changed > 0,
  };
}

async function readTexts(
  dataset: EmbeddingDataset,
  maxChars: number,
): Promise<{ texts: Map<string, Candidate>; packages: number }> {
  const texts = new Map<string, Candidate>();
  let packages = 0;
  for await (const row of dataset.rows()) {
    packages += 1;
    const popularity = popularityOf(row);
    const seen = texts.get(row.content_hash);
    if (seen) {
      seen.popularity = Math.max(seen.popularity, popularity);
      continue;
    }
    const text = composeText(row, maxChars);
    if (contentHash(text) !== row.content_hash) {
      throw new KnownError(
        `${row.package_id}: the dataset was made with another embedding.maxChars than ${maxChars}, or by another version; ` +
          'run the metadata phase again (mode both) before embedding',
      );
    }
    texts.set(row.content_hash, { hash: row.content_hash, text, popularity });
  }
  return { texts, packages };
}

/** Takes vectors in as they come; each batch is on disk before the next one is asked for. */
async function receive(
  provider: EmbeddingProvider,
  pending: readonly Candidate[],
  spool: VectorSpool,
  context: StageContext,
): Promise<EmbeddingOutcome> {
  const stream = provider.embed(pending, context);
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return value;
    await spool.add(value);
  }
}

function assertWithinLimits({ texts, tokens, cost }: Estimate, { maxTexts, maxCost }: EmbeddingOptions): void {
  const figures = `${texts} texts with about ${tokens} tokens, about ${formatDollars(cost)}`;
  if (texts > maxTexts) {
    throw new KnownError(`nothing was sent: there are ${figures} to embed, and embedding.maxTexts is ${maxTexts}`);
  }
  if (cost > maxCost) {
    throw new KnownError(`nothing was sent: there are ${figures} to embed, and embedding.maxCost is $${maxCost}`);
  }
}

async function counted(dataset: EmbeddingDataset, key: VectorKey): Promise<Attached> {
  const known = await dataset.known(key);
  let withVector = 0;
  let packages = 0;
  for await (const { content_hash } of dataset.rows()) {
    packages += 1;
    if (known.has(content_hash)) withVector += 1;
  }
  return { withVector, without: packages - withVector, changed: 0 };
}

function sameKey(one: VectorKey, other: VectorKey): boolean {
  return one.model === other.model && one.dimensions === other.dimensions && one.normalize === other.normalize;
}

function planText({ packages, texts, reused, inFlight, pending, estimate }: EmbeddingPlan): string {
  const sent = inFlight > 0 ? `, ${inFlight} on their way from an earlier run` : '';
  const cost = estimate.cost > 0 ? ` (about ${estimate.tokens} tokens, ${formatDollars(estimate.cost)})` : '';
  return `${packages} packages have ${texts} texts: ${reused} have a vector${sent}, ${pending.length} are new${cost}`;
}

function keepOldText(current: VectorKey, next: VectorKey): string {
  return (
    `the packages keep their vectors of ${current.model} with ${current.dimensions} dimensions until those of ${next.model} with ` +
    `${next.dimensions} are complete`
  );
}

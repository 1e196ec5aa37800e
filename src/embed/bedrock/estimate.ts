import type { Estimate, PendingText } from '../provider.ts';
import { planShards } from './plan.ts';
import { inputLine } from './record.ts';
import type { BedrockSettings } from './settings.ts';

/** What a small job takes at the least, as others saw it (9 to 25 minutes); the service promises nothing. */
const secondsPerJob = 25 * 60;

/** Tokens from characters, jobs and calls as they would be dealt out, the configured prices, and the time at the quotas. */
export function estimateBedrock(pending: readonly PendingText[], settings: BedrockSettings): Estimate {
  const tokensOf = (texts: readonly PendingText[]) =>
    Math.ceil(texts.reduce((sum, { text }) => sum + text.length, 0) / settings.charactersPerToken);
  const batch = settings.batch !== null && settings.mode !== 'onDemand';
  const sizes = batch ? pending.map((text) => Buffer.byteLength(inputLine(text, settings.key))) : [];
  const plan = batch ? planShards(sizes, settings) : { shards: [], rest: 0 };
  const batchTokens = tokensOf(pending.slice(0, plan.rest));
  const rest = settings.mode === 'batch' ? [] : pending.slice(plan.rest);
  const restTokens = tokensOf(rest);
  const rounds = Math.ceil(plan.shards.length / settings.maxConcurrentJobs);
  const minutes = Math.max(rest.length / settings.requestsPerMinute, restTokens / settings.tokensPerMinute);
  return {
    texts: pending.length,
    tokens: batchTokens + restTokens,
    jobs: plan.shards.length,
    calls: rest.length,
    cost: (batchTokens * settings.batchPrice + restTokens * settings.onDemandPrice) / 1e6,
    seconds: rounds * secondsPerJob + minutes * 60,
  };
}

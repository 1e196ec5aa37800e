import type { Usage } from '../embed/provider.ts';
import type { EmbeddingResult } from '../phases/embedding.ts';
import { formatCount, formatDollars } from './format.ts';

/** What an embedding phase did, for people. */
export function embeddingLines(result: EmbeddingResult): [label: string, value: string][] {
  if (result.status === 'skipped') return [['embedding', `skipped: ${result.reason}`]];
  const { usage, key } = result;
  const without = result.without > 0 ? `, ${formatCount(result.without)} have none (table unembedded says why)` : '';
  const lines: [string, string][] = [
    ['vectors', `${formatCount(result.withVector)} packages have one${without}`],
    ['texts', `${formatCount(result.embedded)} embedded, ${formatCount(result.reused)} reused, with ${key.model}`],
  ];
  return [...lines, ...usageLines(usage)];
}

/** What was really used of Bedrock, for people; empty where nothing was. */
export function usageLines(usage: Usage): [label: string, value: string][] {
  const lines: [string, string][] = [];
  if (usage.jobs + usage.onDemandCalls > 0) {
    const tokens = formatCount(usage.batchTokens + usage.onDemandTokens);
    lines.push([
      'bedrock',
      `${formatCount(usage.jobs)} batch jobs, ${formatCount(usage.onDemandCalls)} calls on demand, ${tokens} tokens, ${formatDollars(usage.cost)}`,
    ]);
  }
  if (usage.maybePaidInVain > 0) {
    lines.push(['unanswered', `${formatCount(usage.maybePaidInVain)} calls on demand may have been paid for in vain`]);
  }
  return lines;
}

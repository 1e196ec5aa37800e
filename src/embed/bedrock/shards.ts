import { createHash, randomBytes } from 'node:crypto';
import type { PendingText } from '../provider.ts';
import { planShards, type Quotas } from './plan.ts';
import { inputLine, recordIdOf } from './record.ts';
import type { BedrockSettings } from './settings.ts';
import type { Shard } from './shard.ts';
import type { Work } from './batch.ts';

/**
 * New shards for texts, in their order, within the quotas; what is too little for a job is the rest. Texts whose recordIds collide
 * are kept out of one another's jobs by leaving the later one to the rest.
 */
export function newShards(
  settings: Pick<BedrockSettings, 'key' | 'dataset'>,
  quotas: Quotas,
  pending: readonly PendingText[],
  attempt: number,
): { work: Work[]; rest: PendingText[] } {
  const { unique, colliding } = apart(pending);
  const sizes = unique.map((text) => Buffer.byteLength(inputLine(text, settings.key)));
  const { shards, rest } = planShards(sizes, quotas);
  const run = newRunId();
  const work = shards.map(({ start, end }, i) => {
    const texts = unique.slice(start, end);
    return { shard: newShard(settings, run, i + 1, attempt, texts), texts };
  });
  return { work, rest: [...unique.slice(rest), ...colliding] };
}

function newShard(
  { key, dataset }: Pick<BedrockSettings, 'key' | 'dataset'>,
  run: string,
  number: number,
  attempt: number,
  texts: readonly PendingText[],
): Shard {
  const id = `fdnix-${dataset}-${run}-${String(number).padStart(4, '0')}`;
  const token = createHash('sha256').update(JSON.stringify([id, key, attempt]));
  for (const { hash } of texts) token.update(hash);
  return { id, run, key, attempt, records: texts.length, token: token.digest('hex'), state: 'creating', triedAt: '' };
}

/** Time and chance: `1kq3v9z-4f2a`, below 16 characters, so that a job's name stays below the service's 63. */
function newRunId(): string {
  return `${Math.floor(Date.now() / 1000).toString(36)}-${randomBytes(4).toString('hex')}`;
}

function apart(pending: readonly PendingText[]): { unique: PendingText[]; colliding: PendingText[] } {
  const seen = new Set<string>();
  const unique: PendingText[] = [];
  const colliding: PendingText[] = [];
  for (const text of pending) {
    const id = recordIdOf(text.hash);
    (seen.has(id) ? colliding : unique).push(text);
    seen.add(id);
  }
  return { unique, colliding };
}

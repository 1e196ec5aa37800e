/** The service's quotas for a batch job. */
export interface Quotas {
  batchSize: number;
  minRecords: number;
  maxRecords: number;
  maxFileBytes: number;
  maxJobBytes: number;
}

/** Which texts go into which job, as ranges of the list; what is in none goes on demand. */
export interface ShardPlan {
  shards: { start: number; end: number }[];
  /** Where the rest begins: texts for which a job would be too small. */
  rest: number;
}

/**
 * Deals texts out to jobs: in their order, in shards of about the same size, none below the service's minimum of records or above
 * its maxima of records and bytes (a job has one file).
 * @param bytes the size of each text's line
 */
export function planShards(bytes: readonly number[], quotas: Quotas): ShardPlan {
  const size = Math.min(quotas.batchSize, quotas.maxRecords);
  const maxBytes = Math.min(quotas.maxFileBytes, quotas.maxJobBytes);
  if (bytes.length < quotas.minRecords) return { shards: [], rest: 0 };
  const most = Math.floor(bytes.length / quotas.minRecords);
  // As many as the wanted size takes, but not so many that one falls below the minimum.
  for (let count = Math.max(1, Math.min(Math.ceil(bytes.length / size), most)); count <= most; count++) {
    const shards = evenly(bytes.length, count);
    if (shards.every((shard) => fits(bytes, shard, quotas.maxRecords, maxBytes))) return { shards, rest: bytes.length };
  }
  return greedily(bytes, quotas, maxBytes);
}

function evenly(length: number, count: number): { start: number; end: number }[] {
  return Array.from({ length: count }, (_, i) => ({
    start: Math.floor((i * length) / count),
    end: Math.floor(((i + 1) * length) / count),
  }));
}

function fits(
  bytes: readonly number[],
  { start, end }: { start: number; end: number },
  maxRecords: number,
  maxBytes: number,
): boolean {
  if (end - start > maxRecords) return false;
  let sum = 0;
  for (let i = start; i < end; i++) sum += bytes[i] ?? 0;
  return sum <= maxBytes;
}

/** Where quotas leave no room for even shards: full ones as long as they reach the minimum, the rest on demand. */
function greedily(bytes: readonly number[], { minRecords, maxRecords }: Quotas, maxBytes: number): ShardPlan {
  const shards: { start: number; end: number }[] = [];
  let start = 0;
  while (start < bytes.length) {
    let end = start;
    let sum = 0;
    while (end < bytes.length && end - start < maxRecords && sum + (bytes[end] ?? 0) <= maxBytes)
      sum += bytes[end++] ?? 0;
    if (end - start < minRecords) break;
    shards.push({ start, end });
    start = end;
  }
  return { shards, rest: start };
}

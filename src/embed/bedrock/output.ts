import type { S3Client } from '@aws-sdk/client-s3';
import type { EmbeddedText, PendingText, VectorKey } from '../provider.ts';
import { checkedVector } from '../vector.ts';
import { listKeys, readLines, type Bucket } from './objects.ts';
import { parseOutputLine, recordIdOf, type OutputRecord } from './record.ts';

/** What a job's output lacks. */
export interface Collected {
  /** Texts without a vector, and why. `final` where another try would end the same way. */
  missing: { pending: PendingText; reason: string; final: boolean }[];
  tokens: number;
  embedded: number;
  /** Lines that are no records, and records that nobody asked for. */
  strange: number;
}

const batchSize = 500;

/**
 * Reads a job's output as a stream and matches it with the texts by recordId, in whatever order it comes, each text once. Yields
 * what is sound in batches; returns what is missing.
 * @param folder the key prefix that the job wrote below, its id included
 */
export async function* collectOutput(
  s3: S3Client,
  bucket: Bucket,
  folder: string,
  inputName: string,
  texts: readonly PendingText[],
  key: VectorKey,
  signal: AbortSignal,
): AsyncGenerator<EmbeddedText[], Collected> {
  const open = new Map(texts.map((pending) => [recordIdOf(pending.hash), pending]));
  const reasons = new Map<string, { reason: string; final: boolean }>();
  const collected: Collected = { missing: [], tokens: 0, embedded: 0, strange: 0 };
  const seen = new Set<string>();
  let batch: EmbeddedText[] = [];
  for await (const line of outputLines(s3, bucket, folder, inputName, signal)) {
    if (line === '') continue;
    const record = parseOutputLine(line);
    const pending = record && open.get(record.recordId);
    if (!record || !pending) {
      if (!record || !seen.has(record.recordId)) collected.strange += 1;
      continue;
    }
    const vector = vectorOf(record, pending, key);
    if ('reason' in vector) {
      reasons.set(record.recordId, vector);
      continue;
    }
    open.delete(record.recordId);
    seen.add(record.recordId);
    collected.tokens += record.tokens;
    collected.embedded += 1;
    batch.push({ hash: pending.hash, vector: vector.values });
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
  for (const [recordId, pending] of open) {
    const why = reasons.get(recordId) ?? { reason: 'it was not in the output of its job', final: false };
    collected.missing.push({ pending, ...why });
  }
  return collected;
}

async function* outputLines(
  s3: S3Client,
  bucket: Bucket,
  folder: string,
  inputName: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  if (yield* readLines(s3, bucket, `${folder}${inputName}.out`, signal)) return;
  // The name of the output is seen and not promised: any file of lines in the job's own folder is its output.
  for (const key of await listKeys(s3, bucket, folder, signal)) {
    if (key.endsWith('.jsonl.out')) yield* readLines(s3, bucket, key, signal);
  }
}

function vectorOf(
  record: OutputRecord,
  pending: PendingText,
  key: VectorKey,
): { values: Float32Array } | { reason: string; final: boolean } {
  if (record.error) {
    const { code, message } = record.error;
    return { reason: `the model refused it: ${code ?? ''} ${message}`, final: code === 400 };
  }
  if (record.inputText !== undefined && record.inputText !== pending.text) {
    return { reason: 'its record came back with another text', final: false };
  }
  const values = checkedVector(record.embedding, key);
  return typeof values === 'string' ? { reason: values, final: false } : { values };
}

import type { LineBatch } from '../../src/model.ts';

/** All lines of batches of either form. */
export async function linesIn(batches: AsyncIterable<LineBatch>): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of batches) lines.push(...linesOfBatch(batch));
  return lines;
}

function linesOfBatch(batch: LineBatch): string[] {
  if (Array.isArray(batch)) return batch;
  const lines = new TextDecoder('utf-8', { ignoreBOM: true }).decode(batch).split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

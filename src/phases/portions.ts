import { composeText, contentHash } from '../embed/text.ts';
import type { DeclaredPackage, JobStream, LineBatch } from '../model.ts';
import { linesOfBlock, normalize } from '../normalize/normalize.ts';
import { effortOf } from '../quality/effort.ts';
import { qualityOf } from '../quality/index.ts';
import type { StageContext } from '../report/event.ts';
import { PortionBuilder, type Portion } from '../store/metadata/portion.ts';
import type { Workers } from './workers.ts';

/** What normalizing depends on; it goes to other threads, so it is plain data. */
export interface PortionSettings {
  origin: string;
  treePath?: string | undefined;
  /** The length to which texts are cut before they are embedded. */
  maxChars: number;
}

/** Lines that become one portion, and the number of the first. */
interface Lines {
  lines: LineBatch;
  firstLine: number;
}

/** Lines to be normalized, and how. */
export type PortionTask = Lines & PortionSettings;

// Enough that the passing of a portion between threads costs little beside its making.
const linesPerPortion = 256;
// So few packages are garbage before the collector copies them even once.
const linesAtATime = 8;

/** Normalizes lines to a portion, on whichever thread this runs. */
export async function makePortion(task: PortionTask): Promise<Portion> {
  const { origin, treePath, maxChars, lines, firstLine } = task;
  const stream: JobStream = { system: null, origin, lines: fewAtATime(lines) };
  const options = {
    firstLine,
    treePath,
    contentHash: (row: Omit<DeclaredPackage, 'content_hash'>) => contentHash(composeText(row, maxChars)),
  };
  const { signal } = new AbortController();
  const portion = new PortionBuilder((entry) => ({
    quality: qualityOf(entry.declared).score,
    effort: effortOf(entry),
  }));
  for await (const batch of normalize(stream, options, { signal })) portion.add(batch);
  return portion.finish();
}

async function* fewAtATime(batch: LineBatch): AsyncGenerator<string[]> {
  let few: string[] = [];
  for (const line of Array.isArray(batch) ? batch : linesOfBlock(batch)) {
    few.push(line);
    if (few.length < linesAtATime) continue;
    yield few;
    few = [];
  }
  yield few;
}

/**
 * A stream's lines as portions, in their order. Normalizing is what takes longest in reading a recording, so it is spread
 * over threads; small inputs do without.
 */
export async function* portionsOf(
  stream: JobStream,
  settings: PortionSettings,
  workers: Workers,
  { signal }: Pick<StageContext, 'signal'>,
): AsyncGenerator<Portion> {
  const underWay: Promise<Portion>[] = [];
  let first = true;
  for await (const lines of tasksOf(stream.lines)) {
    signal.throwIfAborted();
    const task = { ...settings, ...lines };
    if (workers.count === 1 || (first && !isOneOfMany(task))) {
      yield await makePortion(task);
    } else {
      const portion = workers.portion(task);
      portion.catch(() => {});
      underWay.push(portion);
      if (underWay.length >= 2 * workers.count) yield await (underWay.shift() as Promise<Portion>);
    }
    first = false;
  }
  for (const portion of underWay) yield await portion;
}

/** Whether so large a first task comes of an input that is worth threads. */
function isOneOfMany({ lines }: Lines): boolean {
  return !Array.isArray(lines) && lines.length >= 1 << 20;
}

/** Blocks as they are; lines that come one by one are gathered. */
async function* tasksOf(batches: AsyncIterable<LineBatch>): AsyncGenerator<Lines> {
  let firstLine = 1;
  let gathered: string[] = [];
  for await (const batch of batches) {
    if (!Array.isArray(batch)) {
      const lineFeeds = lineFeedsIn(batch);
      yield { lines: batch, firstLine };
      firstLine += lineFeeds;
      continue;
    }
    for (const line of batch) gathered.push(line);
    if (gathered.length < linesPerPortion) continue;
    yield { lines: gathered, firstLine };
    firstLine += gathered.length;
    gathered = [];
  }
  if (gathered.length > 0) yield { lines: gathered, firstLine };
}

function lineFeedsIn(block: Uint8Array): number {
  // As a Buffer it is searched many bytes at a time.
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

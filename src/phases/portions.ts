import { availableParallelism } from 'node:os';
import { composeText, contentHash } from '../embed/text.ts';
import type { DeclaredPackage, JobStream, LineBatch } from '../model.ts';
import { linesOfBlock, normalize } from '../normalize/normalize.ts';
import { effortOf } from '../quality/effort.ts';
import { qualityOf } from '../quality/index.ts';
import type { StageContext } from '../report/event.ts';
import { PortionBuilder, type Portion } from '../store/metadata/portion.ts';
import { startThread, type Thread } from '../thread.ts';

/** What normalizing depends on; it goes to other threads, so it is plain data. */
export interface PortionSettings {
  origin: string;
  treePath?: string | undefined;
  /** The length to which texts are cut before they are embedded. */
  maxChars: number;
}

/** Lines that become one portion, and the number of the first. */
export interface PortionTask {
  lines: LineBatch;
  firstLine: number;
}

// Enough that the passing of a portion between threads costs little beside its making.
const linesPerPortion = 256;
// What a second worker more brings, reading and collecting take up again on the main thread.
const mostWorkers = 4;

// So few packages are garbage before the collector copies them even once.
const linesAtATime = 8;

/** Normalizes lines to a portion, on whichever thread this runs. */
export async function makePortion(task: PortionTask, settings: PortionSettings): Promise<Portion> {
  const { origin, treePath, maxChars } = settings;
  const stream: JobStream = { system: null, origin, lines: fewAtATime(task.lines) };
  const options = {
    firstLine: task.firstLine,
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
  const lines = Array.isArray(batch) ? batch : linesOfBlock(batch);
  for (let start = 0; start < lines.length; start += linesAtATime) yield lines.slice(start, start + linesAtATime);
}

/**
 * A stream's lines as portions, in their order. Normalizing is what takes longest in reading a recording, so it is spread
 * over worker threads; small inputs do without.
 */
export async function* portionsOf(
  stream: JobStream,
  settings: PortionSettings,
  { signal }: Pick<StageContext, 'signal'>,
): AsyncGenerator<Portion> {
  const threads: Thread<PortionTask, Portion>[] = [];
  const count = Math.min(availableParallelism(), mostWorkers);
  const underWay: Promise<Portion>[] = [];
  let tasks = 0;
  try {
    for await (const task of tasksOf(stream.lines)) {
      signal.throwIfAborted();
      tasks += 1;
      if (count === 1 || (tasks === 1 && !isOneOfMany(task))) {
        yield await makePortion(task, settings);
        continue;
      }
      const thread = (threads[tasks % count] ??= startThread('./portion-worker', import.meta.url, {
        data: settings,
        limits: { maxYoungGenerationSizeMb: 48 },
      }));
      const portion = thread.run(task, Array.isArray(task.lines) ? [] : [task.lines.buffer]);
      portion.catch(() => {});
      underWay.push(portion);
      if (underWay.length >= 2 * count) yield await (underWay.shift() as Promise<Portion>);
    }
    for (const portion of underWay) yield await portion;
  } finally {
    await Promise.all(threads.map((thread) => thread.stop()));
  }
}

/** Whether so large a first task comes of an input that is worth threads. */
function isOneOfMany({ lines }: PortionTask): boolean {
  return !Array.isArray(lines) && lines.length >= 1 << 20;
}

/** Blocks as they are; lines that come one by one are gathered. */
async function* tasksOf(batches: AsyncIterable<LineBatch>): AsyncGenerator<PortionTask> {
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
  let count = 0;
  for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, at + 1)) count += 1;
  return count;
}

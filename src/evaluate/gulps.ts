import { PassThrough, pipeline, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const gulpMs = 50;
const largeBytes = 1 << 18;
const roomBytes = 1 << 23;

/**
 * What a stream brings, gathered for a moment: lines come one by one, many hundreds a second, and taken one by one they
 * would wake this process three times as often. Whoever writes them never waits for that moment, since they are read meanwhile.
 */
export async function* gulps(stream: Readable): AsyncGenerator<Buffer> {
  const roomy = new PassThrough({ highWaterMark: roomBytes });
  // An error reaches those who read.
  pipeline(stream, roomy, () => {});
  for await (const gulp of roomy as AsyncIterable<Buffer>) {
    yield gulp;
    if (gulp.length < largeBytes) await sleep(gulpMs);
  }
}

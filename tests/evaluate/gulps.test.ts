import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gulps } from '../../src/evaluate/gulps.ts';

test('what comes in small pieces arrives whole, in order and in fewer', async () => {
  const stream = new PassThrough();
  const pieces = Array.from({ length: 200 }, (_, index) => `${index}\n`);
  const written = (async () => {
    for (const piece of pieces) {
      stream.write(piece);
      await sleep(1);
    }
    stream.end();
  })();
  const taken: string[] = [];
  for await (const gulp of gulps(stream)) taken.push(gulp.toString());
  await written;
  assert.equal(taken.join(''), pieces.join(''));
  assert.ok(taken.length < pieces.length / 5, `${taken.length} gulps`);
});

test('an error of the stream reaches those who read, and leaving ends the stream', async () => {
  const failing = new PassThrough();
  failing.write('a');
  setImmediate(() => failing.destroy(new Error('gone')));
  await assert.rejects(Array.fromAsync(gulps(failing)), /gone/);

  const left = new PassThrough();
  left.write('a');
  for await (const gulp of gulps(left)) {
    assert.equal(gulp.toString(), 'a');
    break;
  }
  await sleep(0);
  assert.ok(left.destroyed);
});

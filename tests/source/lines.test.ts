import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { openRecordings } from '../../src/source/jsonl.ts';
import { lineBlocks, readBytes } from '../../src/source/lines.ts';
import { linesIn } from '../support/lines.ts';
import { temporaryDirectory } from '../support/directory.ts';

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function linesFrom(chunks: AsyncIterable<Buffer>): Promise<string[]> {
  return linesIn(lineBlocks(chunks, 'the input', 16));
}

async function linesOfFile(path: string): Promise<string[]> {
  const [stream] = openRecordings([path], { signal: new AbortController().signal });
  assert.ok(stream);
  assert.equal(stream.origin, path);
  return linesIn(stream.lines);
}

const texts = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\n', '\r\n', '\u2028', '\u2029', '\u0085', '\uFEFF', 'é', '語', '😀', ''),
  ),
  { maxLength: 30 },
);

test('lines are split at line feeds alone, wherever the chunks are cut', async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.array(fc.nat(9), { maxLength: 60 }), async (parts, sizes) => {
      const text = parts.join('').toWellFormed();
      const expected = text.split('\n');
      if (expected.at(-1) === '') expected.pop();
      assert.deepEqual(await linesFrom(cut(Buffer.from(text), sizes)), expected);
    }),
    { numRuns: 200 },
  );
});

test('bytes that are no UTF-8 become U+FFFD, and the lines around them stay whole', async () => {
  const bytes = Buffer.concat([
    Buffer.from('a\nb'),
    Buffer.from([0xff, 0xc3]),
    Buffer.from('\nc\n'),
    Buffer.from([0xe8]),
  ]);
  for (const sizes of [[], [1, 1, 1, 1, 1, 1, 1], [4]]) {
    assert.deepEqual(await linesFrom(cut(bytes, sizes)), ['a', 'b\uFFFD\uFFFD', 'c', '\uFFFD']);
  }
});

test('a file without line feeds is refused before it fills the memory', async () => {
  const chunk = Buffer.alloc(1 << 20, 'x');
  let given = 0;
  async function* endless() {
    for (;;) {
      given += 1;
      yield chunk;
    }
  }
  await assert.rejects(Array.fromAsync(lineBlocks(endless(), 'image.iso')), {
    name: 'KnownError',
    message: /^image\.iso has \d+ bytes without a line feed: it is no recording, a line a job$/,
  });
  assert.ok(given < 100, `${given} MiB were read`);
});

suite('files', () => {
  const lines = Array.from({ length: 4000 }, (_, index) =>
    JSON.stringify({ attr: `a${index}`, text: '語😀'.repeat(index % 7) }),
  );
  const text = `${lines.join('\n')}\n`;
  const head = `${lines.slice(0, 1000).join('\n')}\n`;
  const tail = `${lines.slice(1000).join('\n')}\n`;
  const compressors = { '.zst': zstdCompressSync, '.gz': gzipSync, '.br': brotliCompressSync } as const;

  test('plain, with and without a line feed at the end', async (t) => {
    const folder = await temporaryDirectory(t, { 'a.jsonl': text, 'b.jsonl': text.trimEnd(), 'none.jsonl': '' });
    assert.deepEqual(await linesOfFile(join(folder, 'a.jsonl')), lines);
    assert.deepEqual(await linesOfFile(join(folder, 'b.jsonl')), lines);
    assert.deepEqual(await linesOfFile(join(folder, 'none.jsonl')), []);
  });

  for (const [ending, compress] of Object.entries(compressors)) {
    test(`${ending}: whole, and cut off at any place`, async (t) => {
      const path = join(await temporaryDirectory(t), `a.jsonl${ending}`);
      const bytes = compress(text);
      await writeFile(path, bytes);
      assert.deepEqual(await linesOfFile(path), lines);
      for (const length of [0, 1, 7, bytes.length >> 1, bytes.length - 1]) {
        await writeFile(path, bytes.subarray(0, length));
        await assert.rejects(linesOfFile(path), { name: 'KnownError', message: /a\.jsonl\.\w+ cannot be read: / });
      }
    });

    test(`${ending}: not what its name says`, async (t) => {
      const path = join(await temporaryDirectory(t), `a.jsonl${ending}`);
      await writeFile(path, text);
      await assert.rejects(linesOfFile(path), { name: 'KnownError', message: /a\.jsonl\.\w+ cannot be read: / });
    });

    test(`${ending}: something else behind its end`, async (t) => {
      const path = join(await temporaryDirectory(t), `a.jsonl${ending}`);
      await writeFile(path, Buffer.concat([compress(text), Buffer.from('{"attr":"not compressed"}\n')]));
      await assert.rejects(linesOfFile(path), { name: 'KnownError', message: /a\.jsonl\.\w+ cannot be read: / });
    });
  }

  for (const [ending, compress] of Object.entries({ '.zst': zstdCompressSync, '.gz': gzipSync })) {
    test(`${ending}: several archives one after the other`, async (t) => {
      const path = join(await temporaryDirectory(t), `a.jsonl${ending}`);
      await writeFile(path, Buffer.concat([compress(head), compress(''), compress(tail)]));
      assert.deepEqual(await linesOfFile(path), lines);
    });
  }

  test('.zst: frames to be skipped', async (t) => {
    const path = join(await temporaryDirectory(t), 'a.jsonl.zst');
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    await writeFile(path, Buffer.concat([skipped, zstdCompressSync(head), skipped, zstdCompressSync(tail), skipped]));
    assert.deepEqual(await linesOfFile(path), lines);
  });

  test('.zst: a named pipe', async (t) => {
    const folder = await temporaryDirectory(t, { text });
    const pipe = join(folder, 'a.zst');
    await promisify(execFile)('mkfifo', [pipe]);
    await writeFile(join(folder, 'packed'), zstdCompressSync(text));
    const writer = spawn('sh', ['-c', 'cat packed > a.zst'], { cwd: folder });
    const ended = once(writer, 'exit');
    assert.deepEqual(await linesOfFile(pipe), lines);
    await ended;
  });

  test('what is no file', async (t) => {
    const folder = await temporaryDirectory(t, { file: '' });
    for (const name of ['none.jsonl', 'none.jsonl.zst', 'file/none.gz']) {
      const path = join(folder, name);
      await assert.rejects(linesOfFile(path), {
        name: 'KnownError',
        message: new RegExp(`${name}.*(no such file|not a directory)`),
      });
    }
    for (const path of [folder, `${folder}/`]) {
      await assert.rejects(linesOfFile(path), {
        name: 'KnownError',
        message: /is a directory; nixpkgs\.path must name a file/,
      });
    }
  });

  test('a file that may not be read', { skip: process.getuid?.() === 0 && 'root may read everything' }, async (t) => {
    const folder = await temporaryDirectory(t, { 'a.jsonl': '' });
    await chmod(join(folder, 'a.jsonl'), 0);
    await assert.rejects(linesOfFile(join(folder, 'a.jsonl')), {
      name: 'KnownError',
      message: /permission to read it was denied/,
    });
  });

  test('reading stops when it is told to', async (t) => {
    const folder = await temporaryDirectory(t, { 'a.jsonl': text });
    const controller = new AbortController();
    controller.abort(new Error('stop'));
    await assert.rejects(Array.fromAsync(readBytes(join(folder, 'a.jsonl'), controller.signal)), /stop/);
  });
});

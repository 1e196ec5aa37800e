import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import { codeOf, KnownError, messageOf } from '../errors.ts';

// Large chunks: each one costs a turn of the event loop.
const options = { chunkSize: 1 << 18 };
const highWaterMark = 1 << 20;
type Decompressor = Transform & { bytesWritten: number };
const decompressors: [suffix: string, make: () => Decompressor][] = [
  ['.zst', () => createZstdDecompress(options)],
  ['.gz', () => createGunzip(options)],
  ['.br', () => createBrotliDecompress(options)],
];

// No line of nixpkgs has a megabyte; a file without line feeds is no recording.
const longestLine = 1 << 26;

/**
 * A file's bytes, decompressed by the file name's ending (`.zst`, `.gz`, `.br`); `-` is standard input.
 * A file that cannot be read or decompressed is a KnownError that names it.
 */
export async function* readBytes(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const make = decompressors.find(([suffix]) => path.endsWith(suffix))?.[1];
  try {
    yield* make === undefined ? plainBytes(path, signal) : decompressedBytes(path, make, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw readError(path, error);
  }
}

async function* plainBytes(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const file: Readable = path === '-' ? process.stdin : createReadStream(path, { highWaterMark, signal });
  for await (const chunk of file) yield chunk as Buffer;
}

/** A decompressor ends with the first frame, of which a `.zst` file may have several: the next one goes on from there. */
async function* decompressedBytes(path: string, make: () => Decompressor, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  let start = 0;
  do {
    // A pipe has no size and cannot be read from a place.
    const file = createReadStream(path, { highWaterMark, signal, ...(start > 0 ? { start } : {}) });
    const decompressor = make();
    // An error of the file must end the decompressor too, or the loop below would wait for ever.
    file.once('error', (error) => decompressor.destroy(error)).pipe(decompressor);
    try {
      for await (const chunk of decompressor) yield chunk as Buffer;
    } finally {
      file.destroy();
    }
    start += decompressor.bytesWritten;
  } while (start < size);
}

/**
 * The lines of a byte stream in batches, one for each chunk, split at line feeds only (U+2028 and its like may stand
 * inside JSON strings). A KnownError where there are none for 64 Mi characters.
 * @param origin where the bytes come from, for that message
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>, origin = 'the input'): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    if (lines.length > 0) {
      lines[0] = rest.join('') + lines[0];
      [rest, length] = [[], 0];
    }
    rest.push(last);
    length += last.length;
    if (length > longestLine) {
      throw new KnownError(`${origin} has ${length} characters without a line feed: it is no recording, a line a job`);
    }
    if (lines.length > 0) yield lines;
  }
  rest.push(decoder.decode());
  const end = rest.join('');
  if (end !== '') yield [end];
}

function readError(path: string, error: unknown): KnownError {
  const code = codeOf(error);
  if (code === 'ENOENT') return new KnownError(`${path}: there is no such file; check nixpkgs.path`, { cause: error });
  if (code === 'EISDIR') return new KnownError(`${path} is a directory; nixpkgs.path must name a file for this source`);
  if (code === 'EACCES') return new KnownError(`${path}: permission to read it was denied`, { cause: error });
  return new KnownError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
}

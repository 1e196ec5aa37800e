import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Transform } from 'node:stream';
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
const lineFeed = 10;

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
  const file = path === '-' ? addAbortSignal(signal, process.stdin) : createReadStream(path, { highWaterMark, signal });
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
 * A byte stream in blocks of whole lines, each of `blockSize` bytes or more but the last one. Lines end at line feeds only (U+2028
 * and its like may stand inside JSON strings). A KnownError where there is none for 64 MiB.
 * @param origin where the bytes come from, for that message
 */
export async function* lineBlocks(
  chunks: AsyncIterable<Buffer>,
  origin = 'the input',
  blockSize = 1 << 22,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const end = length + chunk.length < blockSize ? 0 : chunk.lastIndexOf(lineFeed) + 1;
    if (end > 0) {
      yield joined([...parts, chunk.subarray(0, end)]);
      [parts, length] = [[], 0];
    }
    parts.push(chunk.subarray(end));
    length += chunk.length - end;
    if (length > longestLine) {
      throw new KnownError(`${origin} has ${length} bytes without a line feed: it is no recording, a line a job`);
    }
  }
  if (length > 0) yield joined(parts);
}

/** The parts in memory of their own, which can be handed to another thread. */
function joined(parts: Buffer[]): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    block.set(part, at);
    at += part.length;
  }
  return block;
}

function readError(path: string, error: unknown): KnownError {
  const code = codeOf(error);
  if (code === 'ENOENT') return new KnownError(`${path}: there is no such file; check nixpkgs.path`, { cause: error });
  if (code === 'EISDIR') return new KnownError(`${path} is a directory; nixpkgs.path must name a file for this source`);
  if (code === 'EACCES') return new KnownError(`${path}: permission to read it was denied`, { cause: error });
  return new KnownError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
}

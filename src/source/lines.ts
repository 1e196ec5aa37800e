import { createReadStream } from 'node:fs';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import { codeOf, KnownError, messageOf } from '../errors.ts';

// Large chunks: each one costs a turn of the event loop.
const options = { chunkSize: 1 << 18 };
const decompressors: [suffix: string, make: () => Transform][] = [
  ['.zst', () => createZstdDecompress(options)],
  ['.gz', () => createGunzip(options)],
  ['.br', () => createBrotliDecompress(options)],
];

/**
 * A file's bytes, decompressed by the file name's ending (`.zst`, `.gz`, `.br`); `-` is standard input.
 * A file that cannot be read or decompressed is a KnownError that names it.
 */
export async function* readBytes(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const file: Readable = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 20, signal });
  const decompressor = decompressors.find(([suffix]) => path.endsWith(suffix))?.[1]();
  // An error of the file must end the decompressor too, or the loop below would wait for ever.
  if (decompressor) file.once('error', (error) => decompressor.destroy(error)).pipe(decompressor);
  try {
    for await (const chunk of decompressor ?? file) yield chunk as Buffer;
  } catch (error) {
    signal.throwIfAborted();
    throw readError(path, error);
  } finally {
    file.destroy();
  }
}

/**
 * The lines of a byte stream in batches, one for each chunk, split at line feeds only (U+2028 and its like may stand
 * inside JSON strings); a carriage return before the line feed is dropped.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

function readError(path: string, error: unknown): KnownError {
  const code = codeOf(error);
  if (code === 'ENOENT') return new KnownError(`${path}: there is no such file; check nixpkgs.path`, { cause: error });
  if (code === 'EISDIR') return new KnownError(`${path} is a directory; nixpkgs.path must name a file for this source`);
  if (code === 'EACCES') return new KnownError(`${path}: permission to read it was denied`, { cause: error });
  return new KnownError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
}

/** Recordings as batches of lines, plain or compressed as their names say. */
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';

function readable(path: string): Readable {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  if (path.endsWith('.zst')) return file.compose(createZstdDecompress());
  return path.endsWith('.gz') ? file.compose(createGunzip()) : file;
}

/** The lines of a file without their line ends, in batches of whatever a chunk held. */
export async function* readLines(path: string): AsyncGenerator<string[]> {
  let rest = '';
  for await (const chunk of readable(path).setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  if (rest) yield [rest];
}

/** Writes lines, each with a line end, compressed as the name of the file says. */
export async function writeLines(path: string, batches: AsyncIterable<string[]>): Promise<void> {
  async function* text() {
    for await (const batch of batches) if (batch.length > 0) yield `${batch.join('\n')}\n`;
  }
  const file = createWriteStream(path);
  if (path.endsWith('.zst')) await pipeline(Readable.from(text()), createZstdCompress(), file);
  else if (path.endsWith('.gz')) await pipeline(Readable.from(text()), createGzip(), file);
  else await pipeline(Readable.from(text()), file);
}

/**
 * The least that any reader of a recording does: decompress, split into lines, JSON.parse. Other figures are given as multiples
 * of this.
 *
 *   npx tsx bench/bare-pass.ts RECORDING
 */
import { createReadStream } from 'node:fs';
import { argv, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { createGunzip, createZstdDecompress } from 'node:zlib';

const path = argv[2];
if (!path) throw new Error('usage: bare-pass.ts RECORDING');

const file = createReadStream(path);
const decompressed = path.endsWith('.zst')
  ? file.pipe(createZstdDecompress())
  : path.endsWith('.gz')
    ? file.pipe(createGunzip())
    : file;
let packages = 0;
let errors = 0;
for await (const line of createInterface({ input: decompressed, crlfDelay: Infinity })) {
  if (JSON.parse(line).error) errors += 1;
  else packages += 1;
}
stdout.write(`${JSON.stringify({ packages, errors })}\n`);

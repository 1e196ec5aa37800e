import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { composeText, contentHash } from '../../src/embed/text.ts';
import { normalize, type LineError } from '../../src/normalize/normalize.ts';
import { cleanJson } from '../../src/normalize/text.ts';
import { lineBlocks } from '../../src/source/lines.ts';
import type { NormalizedPackage } from '../../src/model.ts';
import { countLines, mangleRecording, randomFrom } from '../support/mangle.ts';

const sample = readFileSync(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

/** The bytes in chunks of any size, cut through characters and lines alike. */
async function* chunksOf(bytes: Buffer, seed: number): AsyncGenerator<Buffer> {
  const random = randomFrom(seed);
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(random() ** 4 * 300_000);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function normalizeAll(bytes: Buffer, seed: number) {
  const packages: NormalizedPackage[] = [];
  const errors: LineError[] = [];
  const stream = { system: 'x86_64-linux', origin: 'mangled.jsonl', lines: lineBlocks(chunksOf(bytes, seed)) };
  const options = { contentHash: (row: Parameters<typeof composeText>[0]) => contentHash(composeText(row, 4000)) };
  for await (const batch of normalize(stream, options, { signal: AbortSignal.timeout(60_000) })) {
    packages.push(...batch.packages);
    errors.push(...batch.errors);
  }
  return { packages, errors };
}

function assertWritable(value: unknown, place: string): void {
  if (typeof value === 'string') {
    assert.ok(value.isWellFormed() && !value.includes('\0'), `${place}: ${JSON.stringify(value.slice(0, 80))}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) assertWritable(inner, `${place}.${key}`);
  }
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`a thousand mangled lines are all accounted for (seed ${seed})`, { timeout: 120_000 }, async () => {
    const bytes = mangleRecording(sample, 1000, seed);
    const { packages, errors } = await normalizeAll(bytes, seed);
    assert.equal(packages.length + errors.length, countLines(bytes));
    assert.ok(packages.length > 100 && errors.length > 100, `${packages.length} packages, ${errors.length} errors`);
    const ids = packages.map(({ declared }) => declared.package_id);
    assert.equal(new Set(ids).size, ids.length, 'each package_id once');
    for (const one of packages) {
      assert.notEqual(one.declared.package_id, '');
      assertWritable(one, one.declared.package_id.slice(0, 80));
    }
    for (const error of errors) {
      assertWritable(error, 'error');
      assert.ok(error.message.length > 0 && error.class.length > 0);
    }
  });
}

function writable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

test('strings in JSON lose NUL and lone surrogates, and nothing else', () => {
  const units = [0, 0x22, 0x5c, 0x75, 0x30, 0x64, 0x38, 0x0a, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0x2028, 0xfffd];
  const text = fc
    .array(fc.oneof(fc.constantFrom(...units), fc.nat(0xffff)))
    .map((list) => String.fromCharCode(...list));
  fc.assert(
    fc.property(text, text, (key, value) => {
      const cleaned: unknown = JSON.parse(cleanJson(JSON.stringify({ [`k${key}`]: [value] })));
      assert.deepEqual(cleaned, { [`k${writable(key)}`]: [writable(value)] });
    }),
    { numRuns: 500 },
  );
  assert.equal(cleanJson('"\\U0000"'), '"\\U0000"', 'what is no JSON stays none');
});

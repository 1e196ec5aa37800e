import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf, sameBytes, viewOf } from '../../../src/store/texts/hash.ts';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));

test('hashes are those of MurmurHash3', () => {
  const known: [string, number][] = [
    ['', 0],
    ['test', 0xba6bd213],
    ['Hello, world!', 0xc0363e43],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ];
  for (const [text, hash] of known) {
    const bytes = bytesOf(text);
    assert.equal(hashOf(viewOf(bytes), 0, bytes.length), hash, text);
    const inside = bytesOf(`abc${text}xyz`);
    assert.equal(hashOf(viewOf(inside), 3, 3 + bytes.length), hash, `${text} in the middle`);
  }
});

test('bytes are the same up to the last one', () => {
  const one = bytesOf('0123456789');
  for (let length = 0; length <= one.length; length += 1) {
    const other = bytesOf(`##${'0123456789'.slice(0, length)}`);
    assert.ok(sameBytes(viewOf(one), 0, viewOf(other), 2, length));
    for (let at = 0; at < length; at += 1) {
      const changed = other.with(at + 2, 35);
      assert.ok(!sameBytes(viewOf(one), 0, viewOf(changed), 2, length), `${length} bytes, another one at ${at}`);
    }
  }
});

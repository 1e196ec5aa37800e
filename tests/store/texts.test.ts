import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BatchBuilder } from '../../src/store/batch.ts';
import { utf8 } from '../../src/store/column.ts';
import { none } from '../../src/store/growable.ts';
import { encodedTexts, textColumnOf } from '../../src/store/texts/column.ts';
import { TextPool } from '../../src/store/texts/pool.ts';
import { TextReader } from '../../src/store/texts/reader.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });

/** Texts as a portion has them: the data of an Arrow column. */
function columnOf(texts: readonly (string | null)[]) {
  const builder = new BatchBuilder({ name: 'texts', columns: { text: { type: utf8, nullable: true, doc: '' } } });
  for (const value of texts) builder.append({ text: value });
  const [data] = builder.finish().data.children;
  return textColumnOf(data ?? assert.fail('no column'));
}

test('texts are numbered in the order in which they first come up, and are kept as they are', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.option(text))), (columns) => {
      const pool = new TextPool();
      const numbers = new Map<string, number>();
      for (const texts of columns) {
        const expected = texts.map((value) => {
          if (value === null) return none;
          numbers.set(value, numbers.get(value) ?? numbers.size);
          return numbers.get(value);
        });
        assert.deepEqual([...pool.idsOf(columnOf(texts))], expected);
      }
      assert.equal(pool.length, numbers.size);
      for (const [value, id] of numbers) {
        assert.equal(pool.idOf(value), id);
        assert.equal(pool.at(id), value);
      }
      assert.equal(pool.at(none), null);
    }),
  );
});

test('a pool grows past its first memory, and a reader sees what was there when it was shared', () => {
  const texts = Array.from({ length: 60_000 }, (_, index) => `${index} ${'é'.repeat(index % 90)}`);
  const pool = new TextPool();
  const half = pool.idsOf(encodedTexts(texts.slice(0, 30_000)));
  const early = new TextReader(pool.shared());
  const all = pool.idsOf(encodedTexts(texts));
  assert.deepEqual(half, all.slice(0, 30_000));
  pool.close();
  const late = new TextReader(pool.shared());
  for (const [index, value] of texts.entries()) {
    assert.equal(pool.at(index), value);
    assert.equal(late.at(index), value);
    assert.equal(early.at(index), index < 30_000 ? value : null);
  }
  // A reader remembers some texts by their numbers' last digits; the first of these has made room for others by now.
  assert.equal(late.at(0), texts[0]);
  assert.equal(late.at(none), null);
});

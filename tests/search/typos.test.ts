import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { editDistance } from '../../src/search/typos.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });

/** By its definition: the fewest edits, tried one after the other. */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') return Math.max(a.length, b.length);
  const [x, y] = [a.slice(1), b.slice(1)];
  const change = slowDistance(x, y) + (a[0] === b[0] ? 0 : 1);
  const options = [change, slowDistance(x, b) + 1, slowDistance(a, y) + 1];
  if (a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0])
    options.push(slowDistance(a.slice(2), b.slice(2)) + 1);
  return Math.min(...options);
}

describe('edit distance', () => {
  it('is the fewest letters to insert, lose, change or swap', () => {
    fc.assert(
      fc.property(word, word, fc.nat({ max: 4 }), (a, b, limit) => {
        assert.equal(Math.min(editDistance(a, b, limit), limit + 1), Math.min(slowDistance(a, b), limit + 1));
      }),
      { numRuns: 300 },
    );
  });

  it('counts a swap as one', () => {
    assert.equal(editDistance('nigx', 'ngix', 2), 1);
    assert.equal(editDistance('libreofice', 'libreoffice', 2), 1);
    assert.equal(editDistance('abc', 'abcdef', 2), 3);
  });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { arrow } from '../../src/store/arrow.ts';
import { columnBuilder } from '../../src/store/builder.ts';

it('keeps values of every magnitude in half precision, however small they are', () => {
  const values = Float32Array.from({ length: 4096 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 2 ** (-i / 64));
  const builder = columnBuilder({ kind: 'vector', dimensions: values.length, float: 'float16' });
  builder.append(values);
  const bits = builder.finish().children[0]?.values as Uint16Array;
  for (const [i, value] of values.entries()) {
    const half = arrow.util.uint16ToFloat64(bits[i] ?? 0);
    assert.ok(Math.abs(half - value) <= Math.max(Math.abs(value) * 2 ** -10, 2 ** -24), `${value} became ${half}`);
  }
});

import type { VectorKey } from './provider.ts';

/** A vector as it came, checked: its length, its values, its norm. Returns what is wrong as a text where something is. */
export function checkedVector(values: unknown, { dimensions, normalize }: VectorKey): Float32Array | string {
  if (!Array.isArray(values) && !(values instanceof Float32Array)) return 'no vector came back';
  if (values.length !== dimensions) return `a vector of ${values.length} values came back, not of ${dimensions}`;
  const vector = Float32Array.from(values as ArrayLike<number>);
  let square = 0;
  for (const value of vector) square += value * value;
  if (!Number.isFinite(square)) return 'a vector came back with a value that is no finite number';
  const norm = Math.sqrt(square);
  if (norm === 0) return 'a vector of zeros came back';
  if (normalize && Math.abs(norm - 1) > 0.02) return `a vector of length ${norm.toFixed(3)} came back, not of 1`;
  return vector;
}

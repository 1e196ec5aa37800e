/** The model's output for the tokens of several texts: `rows × columns × dimensions`. */
export interface TokenVectors {
  values: Float32Array;
  rows: number;
  columns: number;
  dimensions: number;
}

/** The mean of each text's token vectors, padding left out. */
export function meanPooled(
  { values, rows, columns, dimensions }: TokenVectors,
  lengths: readonly number[],
): Float32Array[] {
  return Array.from({ length: rows }, (_, row) => {
    const length = Math.max(1, lengths[row] ?? 1);
    const sums = new Float64Array(dimensions);
    for (let column = 0; column < length; column++) {
      const start = (row * columns + column) * dimensions;
      for (let i = 0; i < dimensions; i++) sums[i] = (sums[i] ?? 0) + (values[start + i] ?? 0);
    }
    return Float32Array.from(sums, (sum) => sum / length);
  });
}

/** Each text's first token vector. */
export function firstToken({ values, rows, columns, dimensions }: TokenVectors): Float32Array[] {
  return Array.from({ length: rows }, (_, row) =>
    values.slice(row * columns * dimensions, row * columns * dimensions + dimensions),
  );
}

/** A vector scaled to length 1; one of zeros stays what it is. */
export function normalized(vector: Float32Array): Float32Array {
  let square = 0;
  for (const value of vector) square += value * value;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 1;
  return vector.map((value) => value * scale);
}

import { seededRandom } from '../../tests/simulator/options.ts';

/**
 * Vectors with the structure of texts: TF-IDF weights of their words under a random projection (each word has a random direction of its
 * own), scaled to length 1.
 */
export function projectedTfIdf(texts: readonly string[], dimensions: number): Float32Array[] {
  const words = texts.map((text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const documents = new Map<string, number>();
  for (const list of words) for (const word of new Set(list)) documents.set(word, (documents.get(word) ?? 0) + 1);
  const directions = new Map<string, Float32Array>();
  const random = seededRandom(42);
  const directionOf = (word: string): Float32Array => {
    const known = directions.get(word);
    if (known) return known;
    const direction = Float32Array.from({ length: dimensions }, () => random() + random() + random() - 1.5);
    directions.set(word, direction);
    return direction;
  };
  return words.map((list) => {
    const vector = new Float32Array(dimensions);
    for (const word of list) {
      const weight = Math.log(texts.length / (documents.get(word) ?? 1)) + 0.01;
      const direction = directionOf(word);
      for (let i = 0; i < dimensions; i++) vector[i] = (vector[i] ?? 0) + weight * (direction[i] ?? 0);
    }
    const norm = Math.hypot(...vector) || 1;
    return vector.map((x) => x / norm);
  });
}

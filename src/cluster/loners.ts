import type { ClusterInput, ClusterInputs } from './model.ts';

type Bucket = (row: ClusterInput) => string;

/** Tells for a kind of bucket which rows have one for themselves: 1 where so. Kinds of evidence with one bucket share the answer. */
export function lonersOf(rows: ClusterInputs): (bucket: Bucket) => Uint8Array {
  const known = new Map<Bucket, Uint8Array>();
  return (bucket) => {
    const loners = known.get(bucket) ?? lonersBy(rows, bucket);
    known.set(bucket, loners);
    return loners;
  };
}

function lonersBy(rows: ClusterInputs, bucket: Bucket): Uint8Array {
  const loners = new Uint8Array(rows.length);
  const first = new Map<string, number>();
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows.at(index);
    if (row === undefined) continue;
    const name = bucket(row);
    const other = first.get(name);
    if (other === undefined) first.set(name, index);
    else loners[other] = 0;
    loners[index] = other === undefined ? 1 : 0;
  }
  return loners;
}

/** A pure function that remembers what it gave: for one that is asked about few texts or numbers, often. */
export function remembered<Key extends string | number>(work: (key: Key) => string): (key: Key) => string {
  const known = new Map<Key, string>();
  return (key) => {
    let result = known.get(key);
    if (result === undefined) known.set(key, (result = work(key)));
    return result;
  };
}

/** What the next-day generator must know of a whole recording before it can write the next one. */
import type { RawJob } from '../../src/model.ts';

const inputLists = [
  'buildInputs',
  'nativeBuildInputs',
  'propagatedBuildInputs',
  'propagatedNativeBuildInputs',
] as const;

/** The derivation paths of a line's inputs, as often as they occur. */
export function inputsOf(job: RawJob): string[] {
  const declared = inputLists.flatMap((list) => job.extraValue?.[list] ?? []);
  return [...declared, ...Object.keys(job.inputDrvs ?? {})];
}

export interface Derivation {
  path: string;
  /** The attribute paths that lead to it; none for an input that the recording has no line for. */
  attrs: string[];
  /** pname and version, where it has both: derivations that share it are bumped together. */
  release: string | null;
  described: boolean;
}

export interface RecordingGraph {
  derivations: Derivation[];
  /** Every attribute path of the recording, errors included. */
  attrs: Set<string>;
  /** For each attribute path of a package its derivation and its inputs, as indexes of `derivations`. */
  packages: Map<string, { derivation: number; inputs: Uint32Array }>;
}

function releaseOf({ extraValue }: RawJob): string | null {
  if (!extraValue?.pname || !extraValue.version || !/\d/.test(extraValue.version)) return null;
  return `${extraValue.pname}\n${extraValue.version}`;
}

/** Reads the recording once and keeps its graph, edges as numbers. */
export async function readGraph(batches: AsyncIterable<string[]>): Promise<RecordingGraph> {
  const graph: RecordingGraph = { derivations: [], attrs: new Set(), packages: new Map() };
  const indexes = new Map<string, number>();
  const indexOf = (path: string): number => {
    const known = indexes.get(path);
    if (known !== undefined) return known;
    const index = graph.derivations.push({ path, attrs: [], release: null, described: false }) - 1;
    indexes.set(path, index);
    return index;
  };
  for await (const batch of batches) {
    for (const line of batch) {
      const job: RawJob = JSON.parse(line);
      graph.attrs.add(job.attr);
      if (!job.drvPath || job.error) continue;
      const index = indexOf(job.drvPath);
      const derivation = graph.derivations[index];
      if (!derivation) continue;
      derivation.attrs.push(job.attr);
      derivation.release = releaseOf(job);
      derivation.described = Boolean(job.meta?.description);
      graph.packages.set(job.attr, { derivation: index, inputs: Uint32Array.from(inputsOf(job), indexOf) });
    }
  }
  return graph;
}

/** The derivations that have one of `changed` among their inputs, directly or not, without `changed` themselves. */
export function dependentsOf(graph: RecordingGraph, changed: Set<number>): Set<number> {
  const dependents = graph.derivations.map((): number[] => []);
  for (const { derivation, inputs } of graph.packages.values()) {
    for (const input of inputs) dependents[input]?.push(derivation);
  }
  const reached = new Set(changed);
  const open = [...changed];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const dependent of dependents[next] ?? []) {
      if (reached.has(dependent)) continue;
      reached.add(dependent);
      open.push(dependent);
    }
  }
  return reached.difference(changed);
}

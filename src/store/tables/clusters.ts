import { float32, int32, list, struct, timestamp, utf8 } from '../column.ts';
import type { TableSpec } from '../table.ts';

const join = struct({ package_id: utf8, joined_to: utf8, reason: utf8, confidence: float32 });

/** Table `clusters`: the attribute paths that are one package, and why. Its rows are `ClusterRow`s. */
export const clustersTable: TableSpec = {
  name: 'clusters',
  columns: {
    cluster_id: {
      type: utf8,
      doc: 'The attribute path that names the package for good; `packages.cluster_id` refers to it.',
    },
    package_name: { type: utf8, doc: 'The pname of its first attribute path.' },
    size: { type: int32, doc: 'Number of its attribute paths.' },
    attribute_paths: { type: list(utf8), doc: 'Its attribute paths, the shortest first.' },
    joins: {
      type: list(join),
      doc: 'What made them one: a tree of joins, each with its reason and how often such a join is right.',
    },
    first_seen: { type: timestamp, doc: 'The run in which it was first seen.' },
  },
};

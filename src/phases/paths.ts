import type { Config } from '../config/config.generated.ts';

/** Where the dependency JSON goes: beside the main dataset unless the configuration says otherwise. */
export function dependencyPathOf({ path, dependencyPath }: Config['output']): string {
  return dependencyPath ?? `${path.replace(/\/+$/, '').replace(/\.lancedb$/, '')}.dependencies.json`;
}

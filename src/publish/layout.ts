/** What a file of a LanceDB directory is, as far as the order of publishing is concerned. */
type FileKind = 'data' | 'manifest' | 'ref' | 'hint';

export interface LanceFile {
  kind: FileKind;
  /** The table that the file belongs to, or null for a file outside of any. */
  table: string | null;
  /** The table version that a manifest describes. */
  version: number | null;
}

const tablePath = /^(?<table>[^/]+?)(?:\.lance)?\/(?<rest>.+)$/;
const manifestPath = /^_versions\/(?<digits>\d+)\.manifest$/;
const maxU64 = 2n ** 64n - 1n;

/**
 * Tells the role of a file by its path relative to the dataset. Only refs and the version hint are ever rewritten; manifests
 * make a version visible; everything else is written once.
 */
export function classify(path: string): LanceFile {
  const { table, rest } = tablePath.exec(path)?.groups ?? {};
  if (table === undefined || rest === undefined) return { kind: 'data', table: null, version: null };
  const digits = manifestPath.exec(rest)?.groups?.['digits'];
  if (digits !== undefined) return { kind: 'manifest', table, version: versionOf(digits) };
  if (rest === '_versions/latest_version_hint.json') return { kind: 'hint', table, version: null };
  return { kind: rest.startsWith('_refs/') ? 'ref' : 'data', table, version: null };
}

/** Manifest names count down from the largest u64 (so that a listing shows the newest first), in old datasets they count up. */
function versionOf(digits: string): number {
  const value = BigInt(digits);
  return Number(value > maxU64 / 2n ? maxU64 - value : value);
}

/** The newest version of each table among the given files. */
export function tableVersions(files: Iterable<{ path: string }>): Record<string, number> {
  const versions: Record<string, number> = {};
  for (const { path } of files) {
    const { kind, table, version } = classify(path);
    if (kind !== 'manifest' || table === null || version === null) continue;
    versions[table] = Math.max(versions[table] ?? 0, version);
  }
  return versions;
}

/** Sorts manifests by table and ascending version. */
export function byVersion(a: { path: string }, b: { path: string }): number {
  const [left, right] = [classify(a.path), classify(b.path)];
  if (left.table !== right.table) return (left.table ?? '') < (right.table ?? '') ? -1 : 1;
  return (left.version ?? 0) - (right.version ?? 0);
}

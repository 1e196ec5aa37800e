/** The `meta` attribute of the sample's packages, with the keys that a recorded evaluation has. */
import { storeHash } from './store-hash.ts';

interface LicenseFacts {
  spdxId?: string;
  fullName: string;
  free?: boolean;
  redistributable?: boolean;
}

export type LicenseTable = Record<string, LicenseFacts>;
type LicenseEntry = string | string[] | { any: string[] } | { all: string[] } | { license: string; exception: string };

export interface Team {
  shortName: string;
  scope: string;
  members: number[];
  github?: string;
}

/** A package of sample/packages.yaml; the head of that file says what the keys mean. */
export interface SampleEntry {
  version?: string | number | null;
  description: string;
  longDescription?: string;
  homepage: string | string[];
  changelog?: string;
  program?: string;
  license: LicenseEntry;
  native?: string[];
  build?: string[];
  propagated?: string[];
  propagatedNative?: string[];
  at?: string;
  outputs?: string[];
  maintainers?: number[];
  team?: string;
  platforms?: 'unix' | 'linux' | 'darwin' | 'all';
  refs?: [number, number];
  also?: string[];
  pname?: string | null;
  name?: string;
  cpe?: string;
  broken?: boolean;
  insecure?: string[];
  unsupported?: boolean;
  binary?: boolean;
}

const platforms = {
  linux: ['aarch64-linux', 'armv7l-linux', 'i686-linux', 'riscv64-linux', 'x86_64-linux'],
  darwin: ['x86_64-darwin', 'aarch64-darwin'],
  others: ['x86_64-freebsd', 'x86_64-windows'],
};

function simpleLicense(name: string, table: LicenseTable): object {
  const facts = table[name];
  if (!facts) throw new Error(`sample/packages.yaml: license "${name}" is not in its table`);
  const { spdxId, fullName, free = true, redistributable = true } = facts;
  return {
    deprecated: false,
    free,
    fullName,
    licenseType: 'simple',
    redistributable,
    shortName: name,
    ...(spdxId ? { spdxId, url: `https://spdx.org/licenses/${spdxId}.html` } : {}),
  };
}

function license(entry: LicenseEntry, table: LicenseTable): unknown {
  if (typeof entry === 'string') return simpleLicense(entry, table);
  if (Array.isArray(entry)) return entry.map((name) => simpleLicense(name, table));
  if ('license' in entry) {
    const exception = simpleLicense(entry.exception, table);
    return { exception, license: simpleLicense(entry.license, table), licenseType: 'exception', operator: 'WITH' };
  }
  const [operator, names] = 'any' in entry ? ['OR', entry.any] : ['AND', entry.all];
  return { licenseType: 'compound', licenses: names.map((name) => simpleLicense(name, table)), operator };
}

function isFree(entry: LicenseEntry, table: LicenseTable): boolean {
  const names = typeof entry === 'string' ? [entry] : Object.values(entry).flat();
  return names.every((name) => table[name]?.free !== false);
}

function maintainer(number: number): object {
  return {
    github: `example-maintainer-${number}`,
    githubId: 900_000_000 + number,
    name: `Example Maintainer ${number}`,
  };
}

function teamOf({ members, ...team }: Team): object {
  const github = team.github ? { github: team.github, githubId: 900_001_000, githubMaintainers: [] } : {};
  return {
    ...github,
    members: members.map((number) => maintainer(number)),
    scope: team.scope,
    shortName: team.shortName,
  };
}

function identifiers(product: string | null, version: string | null, vendor: string | undefined): object {
  const any = { edition: '*', language: '*', other: '*', part: 'a', sw_edition: '*', target_hw: '*', target_sw: '*' };
  const cpeParts = { ...any, ...(product ? { product } : {}), ...(vendor ? { vendor } : {}) };
  if (!vendor || !product || !version) {
    const none = { cpeParts, possibleCPEs: [], purls: [] };
    return { ...none, purlParts: {}, v1: none };
  }
  const cpe = `cpe:2.3:a:${vendor}:${product}:${version}:*:*:*:*:*:*:*`;
  const full = { ...cpeParts, update: '*', version };
  const known = { cpe, cpeParts: full, possibleCPEs: [{ cpe, cpeParts: full }], purls: [] };
  return { ...known, purlParts: {}, v1: known };
}

function platformsOf(kind: SampleEntry['platforms']): string[] {
  if (kind === 'linux' || kind === 'darwin') return platforms[kind];
  const unix = [...platforms.darwin, ...platforms.linux];
  return kind === 'all' ? [...unix, ...platforms.others] : unix;
}

function peopleOf(entry: SampleEntry, teams: Record<string, Team>): object {
  const alone = (entry.maintainers ?? []).map((number) => maintainer(number));
  if (!entry.team) return { maintainers: alone, nonTeamMaintainers: alone };
  const team = teams[entry.team];
  if (!team) throw new Error(`sample/packages.yaml: team "${entry.team}" is not in its table`);
  const everyone = [...new Set([...(entry.maintainers ?? []), ...team.members])].map((number) => maintainer(number));
  return { maintainers: everyone, nonTeamMaintainers: alone, teams: [teamOf(team)] };
}

function outputsToInstall({ outputs = ['out'] }: SampleEntry): string[] {
  const first = outputs.includes('bin') ? 'bin' : 'out';
  return outputs.includes('man') ? [first, 'man'] : [first];
}

/** The `meta` of a package: `attr` names its file where the entry does not, `name` is the derivation's. */
export function baseMeta(
  attr: string,
  name: string,
  entry: SampleEntry,
  licenses: LicenseTable,
  teams: Record<string, Team>,
): object {
  const file = entry.at ?? `pkgs/by-name/${attr.slice(0, 2).toLowerCase()}/${attr}/package.nix`;
  const line = 20 + (attr.length % 7) * 11;
  const product = entry.pname === undefined ? attr.slice(attr.lastIndexOf('.') + 1) : entry.pname;
  const optional = {
    changelog: entry.changelog,
    longDescription: entry.longDescription,
    mainProgram: entry.program,
    knownVulnerabilities: entry.insecure,
    sourceProvenance: entry.binary ? [{ isSource: false, shortName: 'binaryNativeCode' }] : undefined,
  };
  const meta = {
    available: true,
    broken: entry.broken ?? false,
    description: entry.description,
    homepage: entry.homepage,
    identifiers: identifiers(product, entry.version === null ? null : String(entry.version), entry.cpe),
    insecure: entry.insecure !== undefined,
    license: license(entry.license, licenses),
    name,
    outputsToInstall: outputsToInstall(entry),
    platforms: platformsOf(entry.platforms),
    position: `/nix/store/${storeHash('source')}-source/${file}:${line}`,
    problems: {},
    unfree: !isFree(entry.license, licenses),
    unsupported: entry.unsupported ?? false,
    ...peopleOf(entry, teams),
    ...optional,
  };
  return Object.fromEntries(Object.entries(meta).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

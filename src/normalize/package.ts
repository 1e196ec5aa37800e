import type { DeclaredPackage, NormalizedPackage, RawExtraValue, RawJob, RawMeta, Url } from '../model.ts';
import { categoryOf } from './category.ts';
import { isUnfree, licenseExpression, licensesOf } from './license.ts';
import { splitName } from '../names.ts';
import { maintainersOf, teamNames } from './people.ts';
import { platformNames } from './platform.ts';
import { relativePosition } from './position.ts';
import { optionalText, textsOf } from './text.ts';

/** What normalizing needs to know beyond the line itself. */
export interface PackageOptions {
  /** The hash of the text that is embedded for a package. */
  contentHash: (row: Omit<DeclaredPackage, 'content_hash'>) => string;
  /** The evaluated tree, for positions outside the store. */
  treePath?: string | undefined;
}

/** A line without `error` as a package of the dataset. */
export function packageOf(job: RawJob, options: PackageOptions): NormalizedPackage {
  const row = declaredColumns(job, options.treePath);
  return {
    declared: { ...row, content_hash: options.contentHash(row) },
    system: job.system ?? null,
    drvPath: job.drvPath ?? null,
    ...inputsOf(job),
  };
}

function declaredColumns(job: RawJob, treePath: string | undefined): Omit<DeclaredPackage, 'content_hash'> {
  const meta: RawMeta = job.meta ?? {};
  const attributePath = job.attr;
  const position = relativePosition(optionalText(meta.position), treePath);
  const mainProgram = optionalText(meta.mainProgram);
  const license = licensesOf(meta.license);
  return {
    package_id: attributePath,
    ...nameAndVersion(job, meta),
    attribute_path: attributePath,
    description: optionalText(meta.description),
    long_description: optionalText(meta.longDescription),
    homepage: optionalText(firstOf(meta.homepage)),
    urls: urlsOf(meta, job.extraValue),
    license,
    license_expression: licenseExpression(meta.license),
    platforms: platformNames(meta.platforms),
    maintainers: maintainersOf(meta.maintainers),
    teams: teamNames(meta.teams),
    category: categoryOf(job.attrPath ?? splitAttributePath(job.attr), position, mainProgram !== null),
    ...flagsOf(meta, isUnfree(license)),
    known_vulnerabilities: textsOf(meta.knownVulnerabilities),
    main_program: mainProgram,
    position,
    outputs_to_install: textsOf(meta.outputsToInstall),
    source_provenance: provenanceOf(meta.sourceProvenance),
    identifiers: identifiersOf(meta.identifiers),
    priority: priorityOf(meta.priority),
  };
}

function nameAndVersion(job: RawJob, meta: RawMeta): { package_name: string; version: string | null } {
  const split = splitName(job.name ?? meta.name ?? job.attr);
  return {
    package_name: optionalText(job.extraValue?.pname) ?? split.pname,
    version: optionalText(job.extraValue?.version ?? meta.version) ?? optionalText(split.version),
  };
}

function flagsOf(meta: RawMeta, licenseUnfree: boolean) {
  const broken = meta.broken ?? false;
  const unsupported = meta.unsupported ?? false;
  return {
    broken,
    unfree: meta.unfree ?? licenseUnfree,
    // The recorded flag is true for everything, because the evaluation allows everything.
    available: !broken && !unsupported,
    insecure: meta.insecure ?? (meta.knownVulnerabilities ?? []).length > 0,
    unsupported,
  };
}

function urlsOf(meta: RawMeta, extra: RawExtraValue | null | undefined): Url[] {
  const urls: Url[] = [];
  const add = (type: Url['type'], value: string | string[] | null | undefined) => {
    for (const url of textsOf(typeof value === 'string' ? [value] : value)) if (url !== '') urls.push({ type, url });
  };
  add('homepage', meta.homepage);
  add('changelog', meta.changelog);
  add('download', meta.downloadPage);
  add('repository', extra?.repository);
  return urls;
}

function inputsOf(job: RawJob): Pick<NormalizedPackage, 'inputs' | 'hasInputs'> {
  const extra = job.extraValue ?? {};
  const declared = extra.buildInputs ?? extra.nativeBuildInputs ?? extra.propagatedBuildInputs;
  return {
    inputs: {
      build: extra.buildInputs ?? [],
      native_build: extra.nativeBuildInputs ?? [],
      propagated_build: extra.propagatedBuildInputs ?? [],
      propagated_native_build: extra.propagatedNativeBuildInputs ?? [],
      unknown: declared === undefined ? Object.keys(job.inputDrvs ?? {}) : [],
    },
    hasInputs: declared !== undefined || (job.inputDrvs ?? null) !== null,
  };
}

function identifiersOf(raw: Record<string, unknown> | null | undefined): DeclaredPackage['identifiers'] {
  const purls = raw?.['purls'];
  const purl = raw?.['purl'] ?? (Array.isArray(purls) ? purls[0] : null);
  return { cpe: stringOrNull(raw?.['cpe']), purl: stringOrNull(purl) };
}

function provenanceOf(raw: readonly unknown[] | null | undefined): string[] {
  return textsOf((raw ?? []).map((entry) => (isRecord(entry) ? entry['shortName'] : entry)));
}

function priorityOf(raw: number | string | null | undefined): number | null {
  if (raw === null || raw === undefined || raw === '') return null;
  const value = Math.trunc(Number(raw));
  return Number.isSafeInteger(value) && Math.abs(value) < 2 ** 31 ? value : null;
}

function firstOf(value: string | string[] | null | undefined): string | null | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? optionalText(value) : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** `rubyPackages."http_parser.rb"` as its two parts. */
function splitAttributePath(attribute: string): string[] {
  return (attribute.match(/"[^"]*"|[^."]+/g) ?? [attribute]).map((part) => part.replaceAll('"', ''));
}

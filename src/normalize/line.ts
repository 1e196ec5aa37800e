import { Ajv, type ErrorObject } from 'ajv';
import type { RawJob } from '../model.ts';

const text = { type: ['string', 'null'] };
const flag = { type: ['boolean', 'null'] };
const textOrList = { type: ['string', 'null', 'array'], items: { type: 'string' } };
const texts = { type: ['array', 'null'], items: { type: 'string' } };
const drvPaths = { type: 'array', items: { type: 'string' } };
const anyList = { type: ['array', 'null'] };

const person = {
  type: ['object', 'string'],
  properties: { name: text, github: text, email: text, matrix: text },
};

const licenseFields = {
  spdxId: text,
  shortName: text,
  fullName: text,
  url: text,
  free: flag,
  redistributable: flag,
  licenses: { type: 'array', items: { type: ['object', 'string'] } },
};

const meta = {
  type: ['object', 'null'],
  properties: {
    available: flag,
    broken: flag,
    unfree: flag,
    insecure: flag,
    unsupported: flag,
    description: text,
    longDescription: text,
    homepage: textOrList,
    changelog: textOrList,
    downloadPage: textOrList,
    license: {
      type: ['object', 'string', 'array', 'null'],
      properties: licenseFields,
      items: { type: ['object', 'string'], properties: licenseFields },
    },
    maintainers: { type: ['array', 'null'], items: person },
    teams: { type: ['array', 'null'], items: { type: 'object' } },
    platforms: anyList,
    mainProgram: text,
    position: text,
    outputsToInstall: texts,
    knownVulnerabilities: texts,
    sourceProvenance: anyList,
    identifiers: { type: ['object', 'null'] },
    priority: { type: ['number', 'string', 'null'] },
    version: text,
  },
};

const lineSchema = {
  type: 'object',
  required: ['attr'],
  properties: {
    attr: { type: 'string', minLength: 1 },
    attrPath: { type: 'array', items: { type: 'string' } },
    name: text,
    system: { type: 'string' },
    drvPath: text,
    error: { type: 'string' },
    extraValue: {
      type: ['object', 'null'],
      properties: {
        pname: text,
        version: text,
        buildInputs: drvPaths,
        nativeBuildInputs: drvPaths,
        propagatedBuildInputs: drvPaths,
        propagatedNativeBuildInputs: drvPaths,
        repository: text,
        tests: drvPaths,
      },
    },
    inputDrvs: { type: ['object', 'null'] },
    meta,
  },
};

const validate = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false }).compile<RawJob>(lineSchema);

/** A line that is no job: why, and the attribute that it names, as far as that can be told. */
export interface UnfitLine {
  attribute: string | null;
  reason: string;
}

/** A line of nix-eval-jobs as a job, checked against the schema of the fields that are used; or why it is none. */
export function parseLine(line: string): RawJob | UnfitLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { attribute: null, reason: `not JSON (${(error as Error).message})` };
  }
  if (validate(value)) return value;
  return { attribute: attributeOf(value), reason: reasonOf(validate.errors?.[0]) };
}

/** Whether a parsed line turned out to be no job. */
export function isUnfit(parsed: RawJob | UnfitLine): parsed is UnfitLine {
  return !('attr' in parsed);
}

function attributeOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('attr' in value)) return null;
  return typeof value.attr === 'string' && value.attr !== '' ? value.attr : null;
}

function reasonOf(error: ErrorObject | undefined): string {
  const place = error?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  return `${place === '' ? 'the line' : place} ${error?.message ?? 'does not fit'}`;
}

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { RawJob } from '../model.ts';
import { lineSchema } from './line-schema.ts';
import { cleanJson } from './text.ts';

// nixpkgs nests four levels; validating and reading recurse, so that a line must not be able to exhaust the stack.
const deepestLicense = 64;

let compiled: ValidateFunction<RawJob> | undefined;

/** The compiled schema. A thread that leaves the lines to others does without it. */
function validator(): ValidateFunction<RawJob> {
  return (compiled ??= new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false }).compile<RawJob>(
    lineSchema,
  ));
}

/** A line that is no job: why, and the attribute that it names, as far as that can be told. */
export interface UnfitLine {
  attribute: string | null;
  reason: string;
}

/** A line of nix-eval-jobs as a job, checked against the schema of the fields that are used; or why it is none. */
export function parseLine(line: string): RawJob | UnfitLine {
  let value: unknown;
  try {
    value = JSON.parse(cleanJson(line));
  } catch (error) {
    // The message quotes the line as it is, which may be anything.
    const message = (error as Error).message.replaceAll(/\p{Cc}/gu, '�');
    return { attribute: null, reason: `not JSON (${message})` };
  }
  if (licenseDepth(value) > deepestLicense) {
    return { attribute: attributeOf(value), reason: `meta.license is nested more than ${deepestLicense} levels deep` };
  }
  const validate = validator();
  if (validate(value)) return value;
  return { attribute: attributeOf(value), reason: reasonOf(validate.errors?.[0]) };
}

/** Levels of objects and lists in `meta.license`, counted up to one more than the deepest that is taken. */
function licenseDepth(line: unknown): number {
  const raw = member(member(line, 'meta'), 'license');
  const depth = (value: unknown, left: number): number => {
    if (typeof value !== 'object' || value === null || left === 0) return 0;
    let deepest = 0;
    for (const inner of Object.values(value)) {
      if (typeof inner === 'object') deepest = Math.max(deepest, depth(inner, left - 1));
    }
    return deepest + 1;
  };
  return depth(raw, deepestLicense + 1);
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
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

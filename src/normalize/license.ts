import { createRequire } from 'node:module';
import type { License, RawLicense } from '../model.ts';
import { optionalText } from './text.ts';

const require = createRequire(import.meta.url);
const ids = [...(require('spdx-license-ids') as string[]), ...(require('spdx-license-ids/deprecated') as string[])];
const idByLowerCase = new Map(ids.map((id) => [id.toLowerCase(), id]));
const exceptions = require('spdx-exceptions') as string[];
const exceptionByLowerCase = new Map(exceptions.map((id) => [id.toLowerCase(), id]));
// All others belong to licenses of the GPL family.
const apacheExceptions = new Set(['LLVM-exception', 'Swift-exception']);
const spdxId = /^(?!LicenseRef-)[A-Za-z0-9.-]+\+?$/;

type Raw = RawLicense | string | (RawLicense | string)[] | null | undefined;
type Operator = 'AND' | 'OR';

/**
 * Every simple license that `meta.license` mentions, compound ones taken apart, in the order in which they stand.
 */
export function licensesOf(raw: Raw): License[] {
  const found: License[] = [];
  collect(raw, found);
  return found;
}

/**
 * The SPDX license expression of `meta.license`; a list means that all of its licenses apply. What SPDX does not know
 * becomes `LicenseRef-…`. Null where there is no license.
 */
export function licenseExpression(raw: Raw): string | null {
  if (raw === null || raw === undefined) return null;
  return expression(raw, undefined);
}

/** Whether any of the licenses is not free, which is what nixpkgs calls unfree. */
export function isUnfree(licenses: readonly License[]): boolean {
  return licenses.some((license) => license.free === false);
}

function collect(raw: unknown, found: License[]): void {
  if (Array.isArray(raw)) for (const entry of raw) collect(entry, found);
  else if (typeof raw === 'string') found.push(simple({ spdxId: raw }));
  else if (isLicense(raw)) {
    const parts = partsOf(raw);
    if (parts.length > 0) collect(parts, found);
    else if (raw.license !== undefined) collect([raw.license, raw.exception].filter(Boolean), found);
    else found.push(simple(raw));
  }
}

function simple(raw: RawLicense): License {
  return {
    spdx_id: knownId(raw.spdxId) ?? null,
    short_name: optionalText(raw.shortName ?? ((raw.fullName ?? raw.url) ? null : raw.spdxId)),
    full_name: optionalText(raw.fullName),
    url: optionalText(raw.url),
    free: raw.free ?? null,
    redistributable: raw.redistributable ?? null,
  };
}

function expression(raw: unknown, outer: Operator | undefined): string | null {
  if (Array.isArray(raw)) return joined(raw, 'AND', outer);
  if (typeof raw === 'string') return identifier({ spdxId: raw });
  if (!isLicense(raw)) return null;
  const parts = partsOf(raw);
  if (parts.length > 0) return joined(parts, operatorOf(raw) === 'OR' ? 'OR' : 'AND', outer);
  if (raw.license === undefined || raw.license === null) return identifier(raw);
  const exception = typeof raw.exception === 'string' ? { spdxId: raw.exception } : raw.exception;
  if (isLicense(exception)) return excepted(raw.license, exception, outer);
  const inner = expression(raw.license, outer);
  return operatorOf(raw) === '+' ? plus(inner) : inner;
}

/**
 * A list in which an exception stands beside its license, as `[ gpl2 classpathException20 ]` does, with the two made one. It
 * belongs to the nearest license before it that it can belong to.
 */
function withExceptions(list: readonly unknown[]): unknown[] {
  const result: unknown[] = [];
  for (const entry of list) {
    const id = isLicense(entry) ? knownException(entry) : undefined;
    const family = id !== undefined && apacheExceptions.has(id) ? /^Apache-/ : /^[AL]?GPL-/;
    const base = id === undefined ? -1 : result.findLastIndex((other) => family.test(simpleId(other) ?? ''));
    if (base < 0) result.push(entry);
    else result[base] = { license: result[base], exception: entry };
  }
  return result;
}

/** A license with an exception; one of a compound's parts each, since SPDX knows no exception to a compound. */
function excepted(license: unknown, exception: RawLicense, outer: Operator | undefined): string | null {
  if (Array.isArray(license)) return excepted({ licenses: license }, exception, outer);
  const parts = isLicense(license) ? partsOf(license) : [];
  if (isLicense(license) && parts.length > 0) {
    const each = parts.map((part) => ({ license: part, exception }));
    return joined(each, operatorOf(license) === 'OR' ? 'OR' : 'AND', outer);
  }
  const inner = expression(license, 'AND');
  if (inner === null) return identifier(exception);
  const id = knownException(exception);
  if (id !== undefined && spdxId.test(inner)) return `${inner} WITH ${id}`;
  return reference(`${inner.replace(/^LicenseRef-/, '')}-with-${nameOf(exception) ?? 'exception'}`);
}

function plus(inner: string | null): string | null {
  return inner !== null && spdxId.test(inner) && !inner.endsWith('+') ? `${inner}+` : inner;
}

function joined(parts: readonly unknown[], operator: Operator, outer: Operator | undefined): string | null {
  const entries = operator === 'AND' ? withExceptions(parts) : parts;
  const expressions = new Set(entries.map((entry) => expression(entry, operator)).filter((text) => text !== null));
  if (expressions.size === 0) return null;
  const text = [...expressions].join(` ${operator} `);
  return expressions.size > 1 && outer !== undefined && outer !== operator ? `(${text})` : text;
}

function operatorOf(raw: RawLicense): Operator | 'WITH' | '+' {
  const operator = String(raw.operator).toUpperCase();
  return operator === 'OR' || operator === 'WITH' || operator === '+' ? operator : 'AND';
}

function partsOf(raw: RawLicense): unknown[] {
  return raw.licenses ?? raw.operands ?? [];
}

function identifier(raw: RawLicense): string | null {
  const name = nameOf(raw);
  return knownId(raw.spdxId) ?? knownId(raw.fullName) ?? (name === null ? null : reference(name));
}

function nameOf(raw: RawLicense): string | null {
  return (
    optionalText(raw.shortName) ??
    optionalText(raw.spdxId) ??
    optionalText(raw.fullName) ??
    (raw.url ? 'unnamed' : null)
  );
}

function simpleId(raw: unknown): string | undefined {
  return isLicense(raw) && raw.license === undefined ? knownId(raw.spdxId) : undefined;
}

function knownException(raw: RawLicense): string | undefined {
  return exceptionByLowerCase.get(raw.spdxId?.trim().toLowerCase() ?? '');
}

function reference(name: string): string {
  const idString = name.replaceAll(/[^A-Za-z0-9.]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return `LicenseRef-${idString === '' ? 'unnamed' : idString}`;
}

function knownId(id: string | null | undefined): string | undefined {
  return id === null || id === undefined ? undefined : idByLowerCase.get(id.trim().toLowerCase());
}

function isLicense(raw: unknown): raw is RawLicense {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

import { createRequire } from 'node:module';
import type { License, RawLicense } from '../model.ts';
import { optionalText } from './text.ts';

const require = createRequire(import.meta.url);
const ids = [...(require('spdx-license-ids') as string[]), ...(require('spdx-license-ids/deprecated') as string[])];
const idByLowerCase = new Map(ids.map((id) => [id.toLowerCase(), id]));
const exceptionIds = new Set(require('spdx-exceptions') as string[]);

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
  if (parts.length > 0) return joined(parts, operatorOf(raw), outer);
  if (raw.license === undefined || raw.license === null) return identifier(raw);
  const inner = expression(raw.license, 'AND');
  if (inner === null) return null;
  if (isLicense(raw.exception)) return `${inner} WITH ${exceptionId(raw.exception)}`;
  return /^[A-Za-z0-9.-]+$/.test(inner) && !inner.startsWith('LicenseRef') ? `${inner}+` : inner;
}

function joined(parts: readonly unknown[], operator: Operator, outer: Operator | undefined): string | null {
  const expressions = new Set(parts.map((part) => expression(part, operator)).filter((text) => text !== null));
  if (expressions.size === 0) return null;
  const text = [...expressions].join(` ${operator} `);
  return expressions.size > 1 && outer !== undefined && outer !== operator ? `(${text})` : text;
}

function operatorOf(raw: RawLicense): Operator {
  return 'operator' in raw && String(raw.operator).toUpperCase() === 'OR' ? 'OR' : 'AND';
}

function partsOf(raw: RawLicense): unknown[] {
  return raw.licenses ?? raw.operands ?? [];
}

function identifier(raw: RawLicense): string | null {
  const known = knownId(raw.spdxId);
  if (known !== undefined) return known;
  const name = raw.shortName ?? raw.spdxId ?? raw.fullName ?? (raw.url ? 'unnamed' : null);
  return name === null ? null : reference('LicenseRef', name);
}

function exceptionId(raw: RawLicense): string {
  const id = raw.spdxId?.trim();
  if (id !== undefined && exceptionIds.has(id)) return id;
  return reference('AdditionRef', raw.spdxId ?? raw.shortName ?? raw.fullName ?? 'unnamed');
}

function reference(kind: 'LicenseRef' | 'AdditionRef', name: string): string {
  const idString = name.replaceAll(/[^A-Za-z0-9.]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return `${kind}-${idString === '' ? 'unnamed' : idString}`;
}

function knownId(id: string | null | undefined): string | undefined {
  return id === null || id === undefined ? undefined : idByLowerCase.get(id.trim().toLowerCase());
}

function isLicense(raw: unknown): raw is RawLicense {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

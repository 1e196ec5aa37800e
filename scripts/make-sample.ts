/**
 * Writes the bundled sample (sample/nixpkgs-sample.jsonl and sample/references.json) from sample/packages.yaml, in the form
 * that nix-eval-jobs prints. Store hashes are derived from the attribute paths, so that the same input gives the same files.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { baseMeta, type LicenseTable, type SampleEntry, type Team } from './sample-meta.ts';
import { storeHash } from './store-hash.ts';

interface SampleSource {
  licenses: LicenseTable;
  teams: Record<string, Team>;
  packages: Record<string, SampleEntry>;
  python: { sets: Record<string, { interpreter: string; prefix: string }>; packages: Record<string, SampleEntry> };
  errors: Record<string, string>;
}

interface Placed {
  attr: string;
  entry: SampleEntry;
  name: string;
  drvPath: string;
  /** Where `py.x` and `python` lead for this package: its set and the attribute of its interpreter. */
  python?: { set: string; interpreter: string };
}

const system = 'x86_64-linux';
const sampleFolder = fileURLToPath(new URL('../sample/', import.meta.url));

function place(attr: string, entry: SampleEntry, prefix: string, python?: Placed['python']): Placed {
  const pname = entry.pname ?? attr.slice(attr.lastIndexOf('.') + 1);
  const name = entry.name ?? `${prefix}${pname}-${entry.version}`;
  const placed: Placed = { attr, entry, name, drvPath: `/nix/store/${storeHash(`drv:${attr}`)}-${name}.drv` };
  if (python) placed.python = python;
  return placed;
}

function placeAll(source: SampleSource): Map<string, Placed> {
  const placed = Object.entries(source.packages).map(([attr, entry]) => place(attr, entry, ''));
  for (const [set, { interpreter, prefix }] of Object.entries(source.python.sets)) {
    for (const [name, entry] of Object.entries(source.python.packages)) {
      const at = `pkgs/development/python-modules/${name}/default.nix`;
      placed.push(place(`${set}.${name}`, { at, maintainers: [5], ...entry }, prefix, { set, interpreter }));
    }
  }
  return new Map(placed.map((one) => [one.attr, one]));
}

function inputPath(input: string, of: Placed, all: Map<string, Placed>): string {
  if (input.startsWith('~')) return `/nix/store/${storeHash(`hook:${input}`)}-${input.slice(1)}.drv`;
  let attr = input;
  if (of.python && input.startsWith('py.')) attr = `${of.python.set}.${input.slice('py.'.length)}`;
  if (of.python && input === 'python') attr = of.python.interpreter;
  const found = all.get(attr);
  if (!found) throw new Error(`sample/packages.yaml: ${of.attr} names the input "${input}", which is not in the file`);
  return found.drvPath;
}

function outputsOf({ attr, name, entry }: Placed): Record<string, string> {
  const names = (entry.outputs ?? ['out']).toSorted();
  return Object.fromEntries(
    names.map((output) => [
      output,
      `/nix/store/${storeHash(`${output}:${attr}`)}-${name}${output === 'out' ? '' : `-${output}`}`,
    ]),
  );
}

function packageLines(one: Placed, all: Map<string, Placed>, source: SampleSource): object[] {
  const { entry, name, drvPath } = one;
  const paths = (inputs: string[] | undefined) => (inputs ?? []).map((input) => inputPath(input, one, all));
  const extraValue = {
    buildInputs: paths(entry.build),
    nativeBuildInputs: paths(entry.native),
    pname: entry.pname === undefined ? one.attr.slice(one.attr.lastIndexOf('.') + 1) : entry.pname,
    propagatedBuildInputs: paths(entry.propagated),
    propagatedNativeBuildInputs: paths(entry.propagatedNative),
    version: entry.version ?? null,
  };
  const meta = baseMeta(one.attr, name, entry, source.licenses, source.teams);
  const outputs = outputsOf(one);
  return [one.attr, ...(entry.also ?? [])].map((attr) => ({
    attr,
    attrPath: attr.split('.'),
    drvPath,
    extraValue,
    meta,
    name,
    outputs,
    system,
  }));
}

/** The files of the sample by name, as text. */
export function makeSample(yaml: string): { 'nixpkgs-sample.jsonl': string; 'references.json': string } {
  const source: SampleSource = parse(yaml);
  const all = placeAll(source);
  const lines = [...all.values()].flatMap((one) => packageLines(one, all, source));
  for (const [attr, error] of Object.entries(source.errors)) {
    const text = error.replace('SOURCE', `${storeHash('source')}-source`);
    lines.push({ attr, attrPath: attr.split('.'), error: text });
  }
  const references: Record<string, { modules: number; tests: number }> = {};
  for (const [attr, { refs }] of Object.entries(source.packages)) {
    if (refs) references[attr] = { modules: refs[0], tests: refs[1] };
  }
  return {
    'nixpkgs-sample.jsonl': lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    'references.json': `${JSON.stringify(references)}\n`,
  };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const files = makeSample(readFileSync(`${sampleFolder}packages.yaml`, 'utf8'));
  for (const [name, text] of Object.entries(files)) writeFileSync(`${sampleFolder}${name}`, text);
}

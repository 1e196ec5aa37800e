import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { References } from '../model.ts';
import type { StageContext } from '../report/event.ts';

type Counts = Map<string, References[string]>;

const width = 32;
const name = String.raw`([A-Za-z_][A-Za-z0-9_'-]*)`;
const anywhere = [
  new RegExp(String.raw`\bpkgs\.${name}`, 'g'),
  // The list form names an attribute path: its first element is the top-level attribute.
  /\bmkPackageOption\s+pkgs\s+(?:\[\s*)?"([^"]+)"/g,
];
const inModules = [...anywhere, new RegExp(String.raw`\boptions\.(?:services|programs)\.${name}`, 'g')];
const inTests = [...anywhere, new RegExp(String.raw`\bservices\.${name}\.enable\b`, 'g')];

/**
 * Popularity as the tree itself tells it: in how many files under nixos/modules and nixos/tests a name occurs as a package
 * (`pkgs.NAME`, mkPackageOption) or as the service or program that is called like it. Names that are no packages are
 * among the result; whoever joins it with packages drops them.
 */
export async function collectReferences(tree: string, ctx: StageContext): Promise<References> {
  const started = performance.now();
  const references: Counts = new Map();
  const modules = await count(join(tree, 'nixos/modules'), inModules, references, 'modules', ctx);
  const tests = await count(join(tree, 'nixos/tests'), inTests, references, 'tests', ctx);
  ctx.report({
    type: 'step',
    task: 'references',
    seconds: (performance.now() - started) / 1000,
    counts: { modules, tests, names: references.size },
  });
  return Object.fromEntries(references);
}

async function count(
  directory: string,
  patterns: RegExp[],
  references: Counts,
  kind: 'modules' | 'tests',
  { signal, report }: StageContext,
): Promise<number> {
  const unread: string[] = [];
  const leaveOut = (path: string, error: unknown): void => void unread.push(`${path}: ${messageOf(error)}`);
  const textOf = (file: string): Promise<string> =>
    readFile(file, 'utf8').catch((error: unknown) => (leaveOut(file, error), ''));
  const files = await nixFiles(directory).catch((error: unknown) => (leaveOut(directory, error), []));
  for (let start = 0; start < files.length; start += width) {
    signal.throwIfAborted();
    const texts = await Promise.all(files.slice(start, start + width).map(textOf));
    for (const text of texts) {
      for (const found of namesIn(text, patterns)) {
        const counts = references.get(found) ?? { modules: 0, tests: 0 };
        counts[kind] += 1;
        references.set(found, counts);
      }
    }
  }
  // Popularity is no reason to lose an evaluation: a file may go while that lasts, or be somebody else's.
  if (unread.length > 0) {
    const message = `References: ${unread.length} of ${directory} cannot be read and count for no package, such as ${unread[0]}`;
    report({ type: 'warning', message });
  }
  return files.length;
}

function namesIn(text: string, patterns: RegExp[]): Set<string> {
  const names = new Set<string>();
  for (const pattern of patterns) for (const match of text.matchAll(pattern)) names.add(match[1] ?? '');
  return names;
}

async function nixFiles(directory: string): Promise<string[]> {
  if (!existsSync(directory)) return [];
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.nix'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

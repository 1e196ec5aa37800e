import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { cosmiconfig } from 'cosmiconfig';
import { codeOf, messageOf, UsageError } from '../errors.ts';

/** The names under which a configuration is looked for, in this order. */
const configFileNames = ['fdnix.config.yaml', 'fdnix.config.yml', 'fdnix.config.json'];

/** A configuration has some kilobytes; what is larger is another file by mistake. */
const maxBytes = 1024 * 1024;

export interface ConfigFile {
  /** The path as messages show it: relative where it lies in the working directory. */
  name: string;
  text: string;
  /** Names of further configurations in the same directory, which are not read. */
  shadowed: string[];
}

/** Reads the named configuration file, or looks for one in the working directory; null where there is none. */
export async function readConfigFile(configFile: string | undefined, cwd: string): Promise<ConfigFile | null> {
  const path = configFile === undefined ? await findConfigFile(cwd) : resolve(cwd, configFile);
  if (path === null) return null;
  const name = displayPath(path, cwd);
  const text = await readText(path, name);
  const present = configFile === undefined ? configFileNames.filter((other) => existsSync(join(cwd, other))) : [];
  return { name, text, shadowed: present.filter((other) => other !== basename(path)) };
}

function keepPath(path: string): { path: string } {
  return { path };
}

/** cosmiconfig passes directories over and parses by itself; both are undone here, so that messages have lines. */
async function findConfigFile(cwd: string): Promise<string | null> {
  const explorer = cosmiconfig('fdnix', {
    searchPlaces: configFileNames,
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    loaders: { '.yaml': keepPath, '.yml': keepPath, '.json': keepPath },
  });
  try {
    const found = await explorer.search(cwd);
    if (found !== null) return found.filepath;
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
  }
  const blocked = configFileNames.find((name) => existsSync(join(cwd, name)));
  return blocked === undefined ? null : join(cwd, blocked);
}

async function readText(path: string, name: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) {
      throw new UsageError(`${name}: ${size} bytes are too many for a configuration file; is it another file?`);
    }
    const bytes = await readFile(path);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${name}: ${reasonOf(error)}`);
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such configuration file; `fdnix-indexer config init` writes one',
  EISDIR: 'is a directory where a configuration file was expected',
  EACCES: 'no permission to read this configuration file',
  EPERM: 'no permission to read this configuration file',
  ENOTDIR: 'a part of this path is a file and not a directory',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8 text; is it another file?',
};

function reasonOf(error: unknown): string {
  return reasons[codeOf(error) ?? ''] ?? `cannot be read: ${messageOf(error)}`;
}

function displayPath(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near.startsWith('..') || isAbsolute(near) ? path : near || '.';
}

import { existsSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import { currentSystem } from '../evaluate/current-system.ts';
import { readMachine, sizeEvaluation } from '../evaluate/sizing.ts';
import { cacheDirectoryOf } from '../phases/paths.ts';
import { evaluates, missing, type Check, type Finding } from './check.ts';

const gibibyte = 1024 ** 3;
/** One worker evaluates all of nixpkgs with this; with less it starts anew again and again. */
const comfortableMiB = 4096;

/** What an evaluation would use, and why. */
export const checkSizing: Check = async (config) => {
  const needed = evaluates(config);
  try {
    const { budgetMiB, excess, reasons } = sizeEvaluation(config.evaluation, readMachine());
    const systems = config.nixpkgs.systems.length > 0 ? config.nixpkgs.systems.join(', ') : currentSystem();
    const findings = reasons.map(([name, value, why]): Finding => ({ name, status: 'ok', found: `${value}: ${why}` }));
    const inTurn: Finding = { name: 'systems', status: 'ok', found: `${systems}, one after the other` };
    const [memory, ...others] = findings;
    if (memory !== undefined && budgetMiB < comfortableMiB) {
      const remedy = `All of nixpkgs takes ${comfortableMiB} MiB and more: it will be slow. Give it memory, or set evaluation.maxMemoryMiB.`;
      return [{ ...memory, status: 'note', remedy }, ...others, inTurn];
    }
    if (memory !== undefined && excess !== null)
      return [{ ...memory, status: 'note', remedy: excess }, ...others, inTurn];
    return [...findings, inTurn];
  } catch (error) {
    return [missing(needed, { name: 'workers', found: messageOf(error) })];
  }
};

/** Room for what is fetched, evaluated and written. */
export const checkDisk: Check = async (config) => {
  const systems = Math.max(1, config.nixpkgs.systems.length);
  const fetched = config.nixpkgs.source === 'git' ? 3 : 0;
  const cache = cacheDirectoryOf(config.cache, process.env);
  return Promise.all([
    ...(evaluates(config) ? [room('cache', 'cache.path', cache, fetched + systems)] : []),
    room('dataset', 'output.path', dirname(resolve(config.output.path)), 2),
    room('minified dataset', 'output.minifiedPath', dirname(resolve(config.output.minifiedPath)), 1),
  ]);
};

/** Whether a directory, or the one that it will be made in, can be written and has so many GiB. */
async function room(name: string, setting: string, directory: string, needed: number): Promise<Finding> {
  let there = directory;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  try {
    await access(there, constants.W_OK);
  } catch {
    return {
      name,
      status: 'problem',
      found: `${there} cannot be written`,
      remedy: `Set ${setting} to a directory of yours.`,
    };
  }
  const { bavail, bsize } = await statfs(there);
  const free = (bavail * bsize) / gibibyte;
  const found = `${directory}, ${free.toFixed(1)} GiB free`;
  if (free >= needed) return { name, status: 'ok', found };
  return {
    name,
    status: 'problem',
    found,
    remedy: `It needs about ${needed} GiB: make room, or set ${setting} to another disk.`,
  };
}

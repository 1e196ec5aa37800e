import { posix } from 'node:path';
import type { ReadText } from './files.ts';

const mount = '/sys/fs/cgroup';

/** What a control group leaves a process: bytes of memory and CPUs, each with the file that says so; null: no limit. */
export interface CgroupLimits {
  memory: { bytes: number; from: string } | null;
  cpus: { count: number; from: string } | null;
}

/** The limits of this process's control groups, version 2 or 1, its parents' included. */
export function cgroupLimits(read: ReadText): CgroupLimits {
  const groups = new Map<string, string>();
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    for (const controller of (controllers ?? '').split(',')) groups.set(controller, path);
  }
  const unified = groups.get('');
  const memoryGroup = groups.get('memory');
  const cpuGroup = groups.get('cpu');
  const v2 = unified === undefined ? [] : ancestors(mount, unified);
  return {
    memory: least('bytes', [
      ...v2.map((group) => memoryV2(read, group)),
      ...(memoryGroup === undefined ? [] : ancestors(`${mount}/memory`, memoryGroup)).map((group) =>
        memoryV1(read, group),
      ),
    ]),
    cpus: least('count', [
      ...v2.map((group) => cpusV2(read, group)),
      ...(cpuGroup === undefined ? [] : ancestors(`${mount}/cpu`, cpuGroup)).map((group) => cpusV1(read, group)),
    ]),
  };
}

/** A group's directory and those of its parents. The mount itself comes last: in a container it is the own group. */
function ancestors(root: string, group: string): string[] {
  const directories: string[] = [];
  for (let path = posix.normalize(group); path !== '/' && path !== '.'; path = posix.dirname(path)) {
    directories.push(posix.join(root, path));
  }
  return [...directories, root];
}

function least<K extends string, T extends Record<K, number>>(key: K, limits: (T | null)[]): T | null {
  const some = limits.filter((limit) => limit !== null);
  return some.toSorted((a, b) => a[key] - b[key])[0] ?? null;
}

type MemoryLimit = { bytes: number; from: string } | null;

/** The lesser of memory.max and memory.high, minus what is in use and cannot be dropped. */
function memoryV2(read: ReadText, group: string): MemoryLimit {
  const limits = ['memory.max', 'memory.high']
    .map((file) => ({ from: `${group}/${file}`, limit: number(read(`${group}/${file}`)) }))
    .filter(({ limit }) => limit !== null);
  const tightest = limits.toSorted((a, b) => (a.limit ?? 0) - (b.limit ?? 0))[0];
  if (tightest?.limit === undefined || tightest.limit === null) return null;
  const used = number(read(`${group}/memory.current`)) ?? 0;
  const cache = statistic(read(`${group}/memory.stat`), ['inactive_file', 'active_file']);
  return { bytes: Math.max(0, tightest.limit - Math.max(0, used - cache)), from: tightest.from };
}

function memoryV1(read: ReadText, group: string): MemoryLimit {
  const from = `${group}/memory.limit_in_bytes`;
  const limit = number(read(from));
  // "No limit" is a number close to 2^63 there.
  if (limit === null || limit > 2 ** 60) return null;
  const used = number(read(`${group}/memory.usage_in_bytes`)) ?? 0;
  const cache = statistic(read(`${group}/memory.stat`), ['total_inactive_file', 'total_active_file']);
  return { bytes: Math.max(0, limit - Math.max(0, used - cache)), from };
}

type CpuLimit = { count: number; from: string } | null;

function cpusV2(read: ReadText, group: string): CpuLimit {
  const [quota, period] = (read(`${group}/cpu.max`) ?? '').split(' ').map(Number);
  return cpus(quota, period, `${group}/cpu.max`);
}

function cpusV1(read: ReadText, group: string): CpuLimit {
  const quota = number(read(`${group}/cpu.cfs_quota_us`));
  const period = number(read(`${group}/cpu.cfs_period_us`));
  return cpus(quota ?? undefined, period ?? undefined, `${group}/cpu.cfs_quota_us`);
}

function cpus(quota: number | undefined, period: number | undefined, from: string): CpuLimit {
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return null;
  return { count: Math.max(1, Math.ceil(quota / period)), from };
}

function number(text: string | null): number | null {
  const value = text === null ? Number.NaN : Number.parseInt(text, 10);
  return Number.isFinite(value) ? value : null;
}

function statistic(text: string | null, names: string[]): number {
  let sum = 0;
  for (const line of (text ?? '').split('\n')) {
    const [name, value] = line.split(' ');
    if (name !== undefined && names.includes(name)) sum += number(value ?? null) ?? 0;
  }
  return sum;
}

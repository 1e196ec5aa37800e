import { readdir, readFile } from 'node:fs/promises';

/** What a process group uses, in MiB; null where this system does not tell. */
export interface GroupMemory {
  processes: number;
  totalMiB: number;
}

/**
 * Sums up the memory that the processes of a group have written to and nobody else's file holds. What a fork shares with its
 * parent counts for both: proportional sizes would tell, but the kernel walks all pages for them and lets the process wait.
 */
export async function groupMemory(group: number): Promise<GroupMemory | null> {
  let entries: string[];
  try {
    entries = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  } catch {
    return null;
  }
  const sizes = await Promise.all(entries.map(async (id) => ((await groupOf(id)) === group ? sizeOf(id) : null)));
  const members = sizes.filter((size) => size !== null);
  if (members.length === 0) return null;
  return {
    processes: members.length,
    totalMiB: Math.round(members.reduce((sum, size) => sum + size, 0)),
  };
}

async function groupOf(id: string): Promise<number | null> {
  const text = await textOf(`/proc/${id}/stat`);
  // The program's name is in parentheses and may hold anything.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields?.[2] === undefined ? null : Number(fields[2]);
}

async function sizeOf(id: string): Promise<number | null> {
  const anonymous = /^RssAnon:\s+(\d+) kB$/m.exec((await textOf(`/proc/${id}/status`)) ?? '')?.[1];
  return anonymous === undefined ? null : Number(anonymous) / 1024;
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}

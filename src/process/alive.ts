import { codeOf } from '../errors.ts';

/** Whether a process with this id is there, whoever owns it. */
export function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

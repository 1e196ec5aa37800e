import { config } from './config.ts';
import type { Command } from './define.ts';

/** All commands, in the order in which help lists them. */
export const commands: Command[] = [config];

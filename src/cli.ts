#!/usr/bin/env node
import { messageOf } from './errors.ts';

process.stderr.write(`${messageOf('nothing to run yet')}\n`);
process.exitCode = 2;

import type { Config } from '../config/config.generated.ts';
import type { StageContext } from '../report/event.ts';
import { checkAws } from './aws.ts';
import type { Check, Finding } from './check.ts';
import { checkDisk, checkSizing } from './resources.ts';
import { checkSource } from './source.ts';
import { checkEvaluator, checkGit, checkNix, checkNode } from './tools.ts';

/** All checks, in the order in which they are shown. */
const checks: Check[] = [checkNode, checkEvaluator, checkNix, checkGit, checkSource, checkSizing, checkDisk, checkAws];

/** Runs all checks at once and returns what they found, in their order. */
export async function diagnose(config: Config, ctx: StageContext): Promise<Finding[]> {
  const findings = await Promise.all(checks.map((check) => check(config, ctx)));
  ctx.signal.throwIfAborted();
  return findings.flat();
}

import {
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
  type FunctionConfiguration,
} from '@aws-sdk/client-lambda';
import { setTimeout as sleep } from 'node:timers/promises';
import { KnownError, messageOf } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { callLambda, type LayerService } from './layer-client.ts';
import type { LayerVersion } from './layer-versions.ts';
import { isPreconditionFailed, statusOf } from './service-errors.ts';
import { rootCause } from './retry.ts';

/** What became of the functions that use the layer. */
export interface Rollout {
  moved: string[];
  /** Functions that had the version already. */
  already: string[];
  failed: { name: string; reason: string }[];
  /** Versions of the layer that a function still uses. */
  inUse: Set<string>;
}

export interface RolloutOptions {
  /** Milliseconds between two looks at a function that is being updated. */
  pollMs: number;
  /** Milliseconds after which such a function counts as failed. */
  waitMs: number;
  /** How often a move is begun anew after a conflict. */
  attempts: number;
}

const defaults: RolloutOptions = { pollMs: 2_000, waitMs: 300_000, attempts: 6 };

/**
 * Moves every function that uses some version of this very layer to the given one, one function after the other. Their other
 * layers and the order stay. A function that somebody else changes meanwhile is read again. Failures are collected.
 */
export async function moveFunctions(
  service: LayerService,
  version: LayerVersion,
  context: StageContext,
  options: RolloutOptions = defaults,
): Promise<Rollout> {
  const rollout: Rollout = { moved: [], already: [], failed: [], inUse: new Set() };
  const users = await functionsWith(service, version.layerArn, context.signal);
  for (const [index, { name, layers }] of users.entries()) {
    context.report({
      type: 'progress',
      task: 'move functions',
      done: index,
      total: users.length,
      unit: 'functions',
      detail: name,
    });
    try {
      const moved = await moveFunction(service, name, version, context.signal, options);
      (moved ? rollout.moved : rollout.already).push(name);
      rollout.inUse.add(version.versionArn);
    } catch (error) {
      context.signal.throwIfAborted();
      rollout.failed.push({ name, reason: messageOf(error) });
      for (const layer of layers) rollout.inUse.add(layer);
    }
  }
  return rollout;
}

/** Names of the functions with a version of the layer, and their layers. */
async function functionsWith(
  service: LayerService,
  layerArn: string,
  signal: AbortSignal,
): Promise<{ name: string; layers: string[] }[]> {
  const found: { name: string; layers: string[] }[] = [];
  let marker: string | undefined;
  do {
    const command = new ListFunctionsCommand({ Marker: marker });
    const page = await callLambda(service, 'lambda:ListFunctions', '*', signal, () =>
      service.client.send(command, { abortSignal: signal }),
    );
    for (const { FunctionName, Layers = [] } of page.Functions ?? []) {
      const layers = Layers.flatMap(({ Arn }) => Arn ?? []);
      if (FunctionName !== undefined && layers.some((arn) => isOf(arn, layerArn)))
        found.push({ name: FunctionName, layers });
    }
    marker = page.NextMarker;
  } while (marker !== undefined && marker !== '');
  return found;
}

async function moveFunction(
  service: LayerService,
  name: string,
  version: LayerVersion,
  signal: AbortSignal,
  options: RolloutOptions,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await settled(service, name, signal, options);
    const layers = (before.Layers ?? []).flatMap(({ Arn }) => Arn ?? []);
    const wanted = layers.map((arn) => (isOf(arn, version.layerArn) ? version.versionArn : arn));
    if (wanted.every((arn, index) => arn === layers[index])) return false;
    const command = new UpdateFunctionConfigurationCommand({
      FunctionName: name,
      Layers: wanted,
      RevisionId: before.RevisionId,
    });
    try {
      await callLambda(service, 'lambda:UpdateFunctionConfiguration', resourceOf(before, name), signal, () =>
        service.client.send(command, { abortSignal: signal }),
      );
      const after = await settled(service, name, signal, options);
      if (after.LastUpdateStatus !== 'Failed') return true;
      throw new KnownError(
        `the update failed: ${after.LastUpdateStatusReason ?? after.LastUpdateStatusReasonCode ?? 'no reason given'}`,
      );
    } catch (error) {
      if (!isConflict(error) || attempt >= options.attempts) throw error;
      await sleep(options.pollMs * attempt * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
}

/** The configuration of a function when no update is in progress. */
async function settled(
  service: LayerService,
  name: string,
  signal: AbortSignal,
  { pollMs, waitMs }: RolloutOptions,
): Promise<FunctionConfiguration> {
  const command = new GetFunctionConfigurationCommand({ FunctionName: name });
  for (const deadline = Date.now() + waitMs; ;) {
    const found = await callLambda(service, 'lambda:GetFunctionConfiguration', name, signal, () =>
      service.client.send(command, { abortSignal: signal }),
    );
    if (found.LastUpdateStatus !== 'InProgress' && found.State !== 'Pending') return found;
    if (Date.now() > deadline)
      throw new KnownError(`an update is still in progress after ${Math.round(waitMs / 1000)} s`);
    await sleep(pollMs, undefined, { signal });
  }
}

function isConflict(error: unknown): boolean {
  return isPreconditionFailed(rootCause(error)) || statusOf(rootCause(error)) === 409;
}

/** Whether an ARN is some version of the layer. */
function isOf(arn: string, layerArn: string): boolean {
  return arn.startsWith(`${layerArn}:`) && /^\d+$/.test(arn.slice(layerArn.length + 1));
}

function resourceOf({ FunctionArn }: FunctionConfiguration, name: string): string {
  return FunctionArn ?? name;
}

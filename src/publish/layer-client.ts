import { LambdaClient } from '@aws-sdk/client-lambda';
import { freshCredentials } from '../aws-credentials.ts';
import { isExpired, serviceFailure } from './service-errors.ts';

/** How Lambda is reached, and which layer it is about. */
export interface LayerSettings {
  /** ARN without a version, or a name. */
  layer: string;
  region: string | null;
  endpoint: string | null;
  maxAttempts: number;
}

/** Clients for a layer. */
export interface LayerService {
  settings: LayerSettings;
  client: LambdaClient;
  /** For calls that must not be repeated blindly. */
  once: LambdaClient;
}

/** Opens the clients; no call is made. A layer's ARN says its region. */
export function openLayerService(settings: LayerSettings): LayerService {
  const { layer, endpoint } = settings;
  const region = layer.startsWith('arn:') ? (layer.split(':')[3] ?? null) : settings.region;
  const options = {
    credentialDefaultProvider: freshCredentials,
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint }),
  };
  return {
    settings: { ...settings, region },
    client: new LambdaClient({ ...options, maxAttempts: settings.maxAttempts }),
    once: new LambdaClient({ ...options, maxAttempts: 1 }),
  };
}

/** Makes one call; see `request` of the S3 client. `resource` is an ARN, or a name where that is all that is known. */
export async function callLambda<T>(
  { settings, client, once }: LayerService,
  action: string,
  resource: string,
  signal: AbortSignal,
  send: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  try {
    try {
      return await send();
    } catch (error) {
      if (!isExpired(error)) throw error;
      await client.config.credentials({ forceRefresh: true });
      await once.config.credentials({ forceRefresh: true });
      return await send();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw serviceFailure(error, {
      ...settings,
      action,
      resource,
      endpointKey: 'aws.endpoints.lambda',
      missing: 'layer.arn',
    });
  }
}

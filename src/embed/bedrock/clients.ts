import { BedrockClient } from '@aws-sdk/client-bedrock';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { BedrockSettings } from './settings.ts';

/** The AWS clients that embedding uses. */
export interface Clients {
  bedrock: BedrockClient;
  /** For creating jobs, without retries: a repeated call may create a second job. */
  creator: BedrockClient;
  /** Without retries: a repeated call is paid for again, so that the caller decides. */
  runtime: BedrockRuntimeClient;
  s3: S3Client;
  destroy: () => void;
}

/** Clients for the configured region and endpoints, credentials from the SDK's own chain. */
export function createClients({ region, endpoints, pathStyle, maxAttempts }: BedrockSettings): Clients {
  const common = (endpoint: string | null) => ({
    ...(region !== null && { region }),
    ...(endpoint !== null && { endpoint }),
    // HTTP/1.1 throughout; the runtime's client would take HTTP/2 otherwise.
    requestHandler: new NodeHttpHandler({ connectionTimeout: 10_000, requestTimeout: 60_000 }),
  });
  const bedrock = new BedrockClient({ ...common(endpoints.bedrock), maxAttempts });
  const creator = new BedrockClient({ ...common(endpoints.bedrock), maxAttempts: 1 });
  const runtime = new BedrockRuntimeClient({ ...common(endpoints.bedrockRuntime), maxAttempts: 1 });
  const s3 = new S3Client({ ...common(endpoints.s3), maxAttempts, forcePathStyle: pathStyle });
  return {
    bedrock,
    creator,
    runtime,
    s3,
    destroy: () => {
      for (const client of [bedrock, creator, runtime, s3]) client.destroy();
    },
  };
}

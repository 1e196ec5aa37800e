import type { Config } from '../config/config.generated.ts';
import { resolveProvider } from '../config/provider.ts';
import { messageOf } from '../errors.ts';
import { missing, type Check, type Finding } from './check.ts';

/** A check never waits longer than this for a service. */
const patienceMs = 15_000;
const later = 'docs/permissions.md has the policies.';

/** Credentials, region, and everything on AWS that the configuration names; nothing where it names nothing there. */
export const checkAws: Check = async (config, { signal }) => {
  const bedrock = resolveProvider(config) === 'bedrock' && config.embedding.enabled;
  if (config.s3.bucket === null && !bedrock && !config.layer.publish) return [];
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(new Error(`no answer for ${patienceMs / 1000} seconds`)), patienceMs);
  try {
    return await checkAll(config, bedrock, AbortSignal.any([signal, patience.signal]));
  } finally {
    clearTimeout(timer);
  }
};

async function checkAll(config: Config, bedrock: boolean, patient: AbortSignal): Promise<Finding[]> {
  const credentials = await checkCredentials(config);
  if (credentials.some(({ status }) => status === 'problem')) return credentials;
  const findings = await Promise.all([
    checkBuckets(config, bedrock, patient),
    bedrock ? checkModel(config, patient) : [],
    config.layer.publish ? checkLayer(config, patient) : [],
  ]);
  return [...credentials, ...findings.flat()];
}

/** Runs a check whose failure is a finding. */
async function found(name: string, remedy: string, look: () => Promise<Finding>, needed = true): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return missing(needed, { name, found: messageOf(error), remedy });
  }
}

async function checkCredentials(config: Config): Promise<Finding[]> {
  const { probeCredentials } = await import('../publish/s3-probe.ts');
  const { s3Access } = await import('../publish/settings.ts');
  const remedy = 'Set AWS_PROFILE, keys, or run with a role; aws.region or AWS_REGION names the region.';
  return [
    await found('credentials', remedy, async () => {
      const { accessKeyId, expiration, region } = await probeCredentials(s3Access(config));
      const until = expiration === null ? '' : `, valid until ${expiration.toISOString()}`;
      return {
        name: 'credentials',
        status: 'ok',
        found: `key ${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}${until}, region ${region}`,
      };
    }),
  ];
}

async function checkBuckets(config: Config, bedrock: boolean, signal: AbortSignal): Promise<Finding[]> {
  const { probeBucket, probeTarget } = await import('../publish/s3-probe.ts');
  const { openBucket } = await import('../publish/s3-client.ts');
  const { s3Access, targetsOf } = await import('../publish/settings.ts');
  const { bucket: artefacts } = config.s3;
  const { inputBucket, outputBucket } = config.embedding.bedrock;
  const names = new Set([artefacts, ...(bedrock ? [inputBucket, outputBucket] : [])].filter((name) => name !== null));
  const findings: Finding[] = [];
  for (const name of names) {
    const bucket = openBucket({ ...s3Access(config), bucket: name, maxAttempts: 2 });
    const finding = await found('bucket', later, async () => {
      await probeBucket(bucket, signal);
      return { name: 'bucket', status: 'ok', found: `${name} can be listed` };
    });
    findings.push(finding);
    if (name === artefacts && finding.status === 'ok') {
      for (const target of Object.values(targetsOf(config, bucket))) {
        findings.push(
          await found('published', later, async () => {
            const when = await probeTarget(target, signal);
            return {
              name: 'published',
              status: 'ok',
              found: `${target.template}: ${when === null ? 'nothing yet' : `published at ${when}`}`,
            };
          }),
        );
      }
    }
    bucket.client.destroy();
  }
  return findings;
}

async function checkModel(config: Config, signal: AbortSignal): Promise<Finding[]> {
  const { createClients } = await import('../embed/bedrock/clients.ts');
  const { bedrockSettings } = await import('../embed/bedrock/settings.ts');
  const { probeModel } = await import('../embed/bedrock/model-access.ts');
  const { modelId, roleArn } = config.embedding.bedrock;
  const clients = createClients({ ...bedrockSettings(config, ''), maxAttempts: 2 });
  try {
    const model = await found(
      'model',
      `Allow bedrock:ListFoundationModels to have this checked. ${later}`,
      async () => {
        const { offered, others } = await probeModel(clients.bedrock, modelId, signal);
        if (offered) return { name: 'model', status: 'ok', found: `${modelId} is offered in this region` };
        const remedy = `Set embedding.bedrock.modelId or aws.region. Offered here: ${others.join(', ') || 'no embedding model'}.`;
        return { name: 'model', status: 'problem', found: `${modelId} is not offered in this region`, remedy };
      },
      false,
    );
    const role: Finding =
      roleArn === null
        ? {
            name: 'batch role',
            status: 'note',
            found: 'none: texts go out one by one',
            remedy: 'Set embedding.bedrock.roleArn for batch jobs, at half the price.',
          }
        : {
            name: 'batch role',
            status: 'ok',
            found: `${roleArn}; Bedrock itself checks it when a job is created (iam:PassRole)`,
          };
    return [model, role];
  } finally {
    clients.destroy();
  }
}

async function checkLayer(config: Config, signal: AbortSignal): Promise<Finding[]> {
  const { layerServiceOf } = await import('../publish/settings.ts');
  const { listVersions } = await import('../publish/layer-versions.ts');
  const service = layerServiceOf({ ...config, aws: { ...config.aws, maxAttempts: 2 } });
  if (service === null) return [];
  const remedy = `Without lambda:ListLayerVersions every run publishes a version. ${later}`;
  const look = async (): Promise<Finding> => {
    const [newest] = await listVersions(service, signal);
    const text =
      newest === undefined ? `${service.settings.layer}: no version yet` : `${newest.versionArn} is the newest version`;
    return { name: 'layer', status: 'ok', found: text };
  };
  return [await found('layer', remedy, look, false)];
}

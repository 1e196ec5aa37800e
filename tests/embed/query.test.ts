import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { embedQuery } from '../../src/embed/query.ts';
import { localProvider } from '../../src/embed/local/provider.ts';
import { UsageError } from '../../src/errors.ts';
import { startSimulator } from '../simulator/server.ts';
import { textVector } from '../simulator/titan.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { testCredentials } from '../support/s3-server.ts';
import { writeTinyModel } from './local/tiny-model.ts';

process.env['AWS_ACCESS_KEY_ID'] = testCredentials.accessKeyId;
process.env['AWS_SECRET_ACCESS_KEY'] = testCredentials.secretAccessKey;

const { signal } = new AbortController();

async function configWith(cwd: string, ...sets: string[]) {
  const { config } = await loadConfig({ cwd, env: {}, sets });
  return config;
}

describe('embedQuery', () => {
  it('takes the dataset’s model and dimensions, whatever is configured for new datasets', async (t) => {
    const simulator = await startSimulator({ s3Endpoint: 'http://127.0.0.1:9' });
    t.after(() => simulator.close());
    const cwd = await temporaryDirectory(t);
    const config = await configWith(
      cwd,
      `aws.endpoints.bedrockRuntime=${simulator.endpoint}`,
      'aws.region=us-east-1',
      'embedding.provider=none',
    );
    const dataset = { provider: 'bedrock', model: 'amazon.titan-embed-text-v2:0', dimensions: 512, normalize: true };
    const vector = await embedQuery(config, dataset, 'json parser', signal);
    assert.deepEqual(vector, Float32Array.from(textVector('json parser', 512)));
  });

  it('asks for the directory of the dataset’s own local model', async (t) => {
    const cwd = await temporaryDirectory(t);
    await writeTinyModel(join(cwd, 'tiny'));
    const config = await configWith(cwd, `embedding.local.modelPath=${join(cwd, 'tiny')}`);
    const provider = await localProvider({ modelPath: join(cwd, 'tiny'), normalize: true, dimensions: null });
    t.after(() => provider.close());
    const dataset = { provider: 'local', ...provider.key };
    const vector = await embedQuery(config, dataset, 'json tool', signal);
    assert.deepEqual(vector, await provider.embedQuery('json tool', signal));
    const other = embedQuery(config, { ...dataset, model: 'other@000000000000' }, 'json tool', signal);
    await assert.rejects(
      other,
      (error) => error instanceof UsageError && /set it to the directory of the dataset's model/.test(error.message),
    );
    const none = embedQuery(await configWith(cwd), dataset, 'json tool', signal);
    await assert.rejects(none, /set embedding\.local\.modelPath to its directory/);
  });

  it('does not know datasets of other tools', async (t) => {
    const config = await configWith(await temporaryDirectory(t));
    const dataset = { provider: 'unknown', model: 'unknown', dimensions: 256, normalize: true };
    await assert.rejects(embedQuery(config, dataset, 'x', signal), /which this version does not know/);
  });
});

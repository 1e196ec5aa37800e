import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { callFaults, defaultOptions, jobFaults } from './options.ts';
import { startSimulator } from './server.ts';

const usage = `Simulates Bedrock's batch jobs and InvokeModel for Titan Text Embeddings V2.

  npm run simulate -- --s3-endpoint http://127.0.0.1:7070 [options]

  --s3-endpoint URL     where jobs read their inputs and write their outputs (signed as testing / testing-secret)
  --port N              default 7080
  --min-records N       the service's minimum of records in a job; default 100
  --max-jobs N          jobs at a time; default 20
  --job-seconds N       seconds that a job takes; default 5
  --requests-per-minute N
  --fault-rate SHARE    of calls that go wrong: ${callFaults.join(', ')}
  --job-fault-rate SHARE of jobs that go wrong: ${jobFaults.join(', ')}
  --record-error-rate SHARE
  --forget-tokens       a repeated clientRequestToken creates another job
  --seed N

The bill so far: GET /_simulator/bill
`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    's3-endpoint': { type: 'string' },
    port: { type: 'string', default: '7080' },
    'min-records': { type: 'string', default: '100' },
    'max-jobs': { type: 'string', default: '20' },
    'job-seconds': { type: 'string', default: '5' },
    'requests-per-minute': { type: 'string', default: '6000' },
    'fault-rate': { type: 'string', default: '0' },
    'job-fault-rate': { type: 'string', default: '0' },
    'record-error-rate': { type: 'string', default: '0' },
    'forget-tokens': { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});

if (values.help || values['s3-endpoint'] === undefined) {
  process.stdout.write(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  const part = (Number(values['job-seconds']) * 1000) / 4;
  const simulator = await startSimulator({
    ...defaultOptions,
    s3Endpoint: values['s3-endpoint'],
    port: Number(values.port),
    minRecords: Number(values['min-records']),
    maxJobs: Number(values['max-jobs']),
    delays: { Submitted: part, Validating: part, Scheduled: part, InProgress: part },
    requestsPerMinute: Number(values['requests-per-minute']),
    faultRate: Number(values['fault-rate']),
    jobFaultRate: Number(values['job-fault-rate']),
    recordErrorRate: Number(values['record-error-rate']),
    rememberTokens: !values['forget-tokens'],
    seed: Number(values.seed),
  });
  process.stdout.write(`aws.endpoints.bedrock and aws.endpoints.bedrockRuntime: ${simulator.endpoint}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  process.stdout.write(`${JSON.stringify(simulator.bill(), null, 2)}\n`);
  await simulator.close();
}

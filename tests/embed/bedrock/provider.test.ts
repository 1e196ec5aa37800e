import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CreateModelInvocationJobRequest } from '@aws-sdk/client-bedrock';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { createClients } from '../../../src/embed/bedrock/clients.ts';
import { createJob } from '../../../src/embed/bedrock/jobs.ts';
import { BedrockProvider } from '../../../src/embed/bedrock/provider.ts';
import { newShards } from '../../../src/embed/bedrock/shards.ts';
import { stopJobs } from '../../../src/embed/bedrock/stop-jobs.ts';
import { KnownError } from '../../../src/errors.ts';
import { account, jobFaults, type JobFault } from '../../simulator/options.ts';
import { findS3Server, startS3Server, type S3Server } from '../../support/s3-server.ts';
import { embedAll, harness, textsNamed, wrongVectors, type Harness } from './harness.ts';

const program = await findS3Server();

function warnings({ events }: Harness): string[] {
  return events.flatMap((event) => (event.type === 'warning' || event.type === 'info' ? [event.message] : []));
}

describe(
  'BedrockProvider',
  { skip: program === null && 'no S3 server (versitygw or moto_server) is installed' },
  () => {
    let s3: S3Server;
    before(async () => {
      assert.ok(program);
      s3 = await startS3Server(program);
    });
    after(() => s3.close());

    async function keysIn(bucket: string): Promise<string[]> {
      const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key = '' }) => Key);
    }

    it('embeds in batch jobs, no more at a time than the quota, and cleans up', async (t) => {
      // Long enough that four are created, on a busy machine too, before the first one ends.
      const h = await harness(t, s3, { maxJobs: 4, delays: { InProgress: 800 } });
      const texts = textsNamed('batch', 430);
      const { vectors, outcome, provider } = await embedAll(h, texts);
      assert.deepEqual(wrongVectors(texts, vectors), []);
      assert.deepEqual(outcome.unembedded, []);
      const bill = h.simulator.bill();
      assert.equal(bill.jobs, 9);
      assert.equal(bill.peakJobs, 4, 'the window is used in full');
      assert.equal(bill.batchRecords, 430);
      assert.equal(bill.onDemandRecords, 0);
      assert.equal(outcome.usage.batchTokens, bill.tokens);
      assert.ok((await keysIn(h.bucket)).length > 0);
      await provider.settled(h.context);
      assert.deepEqual(await keysIn(h.bucket), []);
    });

    it('passes on the key, the owner of the buckets, tags, VPC and time-out', async (t) => {
      const given = { kmsKeyId: 'alias/fdnix', bucketOwner: account, timeoutHours: 48 };
      const h = await harness(t, s3, {}, given);
      // The S3 server's owners have names and no account numbers, so that a whole run would be refused.
      const clients = createClients(h.settings);
      t.after(() => clients.destroy());
      const [work] = newShards(h.settings, h.settings, textsNamed('passed on', 20), 1).work;
      assert.ok(work);
      const creation = await createJob(clients.creator, h.settings, work.shard, 'in/x.jsonl', h.context.signal);
      assert.equal(creation.kind, 'created');
      const [request] = h.simulator.requests() as [Partial<CreateModelInvocationJobRequest>];
      assert.equal(request.timeoutDurationInHours, 48);
      assert.deepEqual(request.tags, [{ key: 'project', value: 'fdnix' }]);
      assert.deepEqual(request.vpcConfig, { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] });
      const owner = { s3BucketOwner: account };
      assert.partialDeepStrictEqual(request.inputDataConfig, { s3InputDataConfig: owner });
      assert.partialDeepStrictEqual(request.outputDataConfig, {
        s3OutputDataConfig: { ...owner, s3EncryptionKeyId: 'alias/fdnix' },
      });
    });

    it('counts the calls that may have been paid for in vain', async (t) => {
      const faults = { faultRate: 0.3, faults: ['lostReply', 'modelTimeout', 'serverError'] as const };
      const h = await harness(t, s3, faults, { mode: 'onDemand', batch: null });
      const texts = textsNamed('in vain', 100);
      const { vectors, outcome } = await embedAll(h, texts);
      assert.deepEqual(wrongVectors(texts, vectors), []);
      const { anyTwice, faults: counts } = h.simulator.bill();
      assert.ok((counts['invoke lostReply'] ?? 0) > 0 && (counts['invoke modelTimeout'] ?? 0) > 0);
      assert.equal(outcome.usage.maybePaidInVain, anyTwice);
    });

    it('sends what is too little for a job on demand', async (t) => {
      const h = await harness(t, s3, { minRecords: 100 }, { minRecords: 100 });
      const texts = textsNamed('on demand', 99);
      const { vectors, outcome } = await embedAll(h, texts);
      assert.deepEqual(wrongVectors(texts, vectors), []);
      const bill = h.simulator.bill();
      assert.deepEqual([bill.jobs, bill.onDemandRecords, outcome.usage.onDemandTokens], [0, 99, bill.tokens]);
    });

    it('lets it wait where InvokeModel is not allowed, and says so', async (t) => {
      const h = await harness(t, s3, { minRecords: 100, deny: ['invoke'] }, { minRecords: 100 });
      const { vectors, outcome } = await embedAll(h, textsNamed('denied', 30));
      assert.equal(vectors.size, 0);
      assert.equal(outcome.unembedded.length, 30);
      assert.ok(outcome.unembedded.every(({ waits, reason }) => waits && /InvokeModel is not allowed/.test(reason)));
      assert.ok((h.simulator.bill().calls['invoke'] ?? 0) <= 16, 'it gives up at the first refusals');
    });

    it('finds out that the service’s minimum is higher than configured', async (t) => {
      const h = await harness(t, s3, { minRecords: 60 });
      const texts = textsNamed('minimum', 55);
      const { vectors } = await embedAll(h, texts);
      assert.deepEqual(wrongVectors(texts, vectors), []);
      assert.equal(h.simulator.bill().onDemandRecords, 55);
    });

    for (const fault of jobFaults.filter((kind) => kind !== 'stopped')) {
      it(`gets every vector in the end where a job is hit by «${fault}», and pays for none twice`, async (t) => {
        const h = await harness(t, s3);
        h.simulator.nextJobs.push('none', fault);
        const texts = textsNamed(fault, 200);
        const { vectors, outcome } = await embedAll(h, texts);
        assert.deepEqual(wrongVectors(texts, vectors), []);
        assert.deepEqual(outcome.unembedded, []);
        const bill = h.simulator.bill();
        assert.equal(bill.batchTwice, 0);
        assert.equal(bill.anyTwice, 0);
        if (fault !== 'duplicated' && fault !== 'slow') assert.ok(warnings(h).length > 0, 'it is said');
      });
    }

    it('sends again as soon as a place is free, while a slow job goes on and before what has not been sent', async (t) => {
      const h = await harness(t, s3, { delays: { InProgress: 100 } }, { maxConcurrentJobs: 2 });
      h.simulator.nextJobs.push('slow', 'failed');
      const texts = textsNamed('again', 200);
      const { vectors, outcome } = await embedAll(h, texts);
      assert.deepEqual(wrongVectors(texts, vectors), []);
      assert.deepEqual(outcome.unembedded, []);
      const jobs = h.simulator.jobs();
      const runOf = ({ jobName }: (typeof jobs)[number]) => jobName.slice(0, -4);
      const [slow, , , again] = jobs;
      assert.ok(slow?.endTime && again);
      assert.equal(jobs.length, 5);
      assert.deepEqual(
        jobs.filter((job) => runOf(job) !== runOf(slow)),
        [again],
        'the fourth job is that of the texts that failed',
      );
      assert.ok(again.submitTime < slow.endTime);
      const bill = h.simulator.bill();
      assert.deepEqual([bill.peakJobs, bill.batchRecords, bill.anyTwice, bill.onDemandRecords], [2, 200, 0, 0]);
    });

    it('does not send again what somebody stopped, and says that it waits', async (t) => {
      const h = await harness(t, s3);
      h.simulator.nextJobs.push('stopped');
      const texts = textsNamed('stopped', 100);
      const { vectors, outcome } = await embedAll(h, texts);
      assert.equal(vectors.size, 75, 'half of a job of 50 was embedded before it was stopped');
      assert.equal(outcome.unembedded.length, 25);
      assert.ok(outcome.unembedded.every(({ waits }) => waits));
    });

    it('gives a text up after three jobs and a round of calls', async (t) => {
      const h = await harness(t, s3, {
        jobFaultRate: 1,
        jobFaults: ['allErrors' satisfies JobFault],
        deny: ['invoke'],
      });
      const { vectors, outcome } = await embedAll(h, textsNamed('hopeless', 40));
      assert.equal(vectors.size, 0);
      assert.equal(outcome.unembedded.length, 40);
      assert.equal(h.simulator.bill().jobs, 3);
    });

    it('reports texts that the model refuses, without sending them again', async (t) => {
      const h = await harness(t, s3);
      const texts = textsNamed('long', 30);
      const long = { hash: 'f'.repeat(64), text: 'word '.repeat(9000) };
      const { vectors, outcome } = await embedAll(h, [...texts, long]);
      assert.deepEqual(wrongVectors(texts, vectors), []);
      assert.equal(h.simulator.bill().jobs, 1);
      assert.match(outcome.unembedded[0]?.reason ?? '', /Too many input tokens/);
      assert.equal(outcome.unembedded[0]?.waits, false);
    });

    for (const rememberTokens of [true, false]) {
      it(`survives faults in a third of all calls, tokens ${rememberTokens ? 'remembered' : 'forgotten'}`, async (t) => {
        const h = await harness(t, s3, {
          faultRate: 0.33,
          rememberTokens,
          listLag: 30,
          jobFaultRate: 0.2,
          recordErrorRate: 0.05,
        });
        const texts = textsNamed('faults', 300);
        const { vectors, outcome } = await embedAll(h, texts);
        assert.deepEqual(wrongVectors(texts, vectors), []);
        assert.deepEqual(outcome.unembedded, []);
        assert.equal(h.simulator.bill().batchTwice, 0);
      });
    }

    it('keeps within a quota of requests that the service enforces', async (t) => {
      const h = await harness(
        t,
        s3,
        { minRecords: 1000, requestsPerMinute: 3000 },
        { mode: 'onDemand', requestsPerMinute: 2400, batch: null },
      );
      const texts = textsNamed('quota', 100);
      const started = performance.now();
      const { vectors } = await embedAll(h, texts);
      assert.deepEqual(wrongVectors(texts, vectors), []);
      assert.ok(performance.now() - started > 1000, '100 calls at 40 a second, less a reserve of one second');
    });

    it('gives up on demand where the account’s quota is 0', async (t) => {
      const h = await harness(t, s3, { requestsPerMinute: 0 }, { mode: 'onDemand', batch: null });
      const { outcome } = await embedAll(h, textsNamed('zero', 100));
      assert.equal(outcome.unembedded.length, 100);
      assert.ok(outcome.unembedded.some(({ reason }) => /in a row were refused/.test(reason)));
    });

    it('goes on with the jobs of a run that stopped waiting, without paying again', async (t) => {
      const slow = { delays: { InProgress: 1500 } };
      const h = await harness(t, s3, slow, { maxWaitSeconds: 1 });
      const texts = textsNamed('resumed', 120);
      const first = await embedAll(h, texts);
      assert.ok(first.outcome.unembedded.length > 0);
      assert.match(first.outcome.unembedded[0]?.reason ?? '', /maxWaitSeconds/);
      const h2 = { ...h, settings: { ...h.settings, maxWaitSeconds: 60 } };
      // A job may end within the first run's second: what it gave is not asked for again.
      const second = await embedAll(
        h2,
        texts.filter(({ hash }) => !first.vectors.has(hash)),
      );
      assert.deepEqual(wrongVectors(texts, new Map([...first.vectors, ...second.vectors])), []);
      assert.equal(h.simulator.bill().batchRecords, 120);
    });

    it('finds the jobs of a machine that is gone by the journal on S3', async (t) => {
      const h = await harness(t, s3, { delays: { InProgress: 1500 } }, { maxWaitSeconds: 1 });
      const texts = textsNamed('moved', 120);
      await embedAll(h, texts);
      const elsewhere = await harness(t, s3);
      const settings = { ...h.settings, maxWaitSeconds: 60, stateDirectory: elsewhere.settings.stateDirectory };
      const { vectors, provider } = await embedAll({ settings, context: elsewhere.context }, texts);
      assert.deepEqual(wrongVectors(texts, vectors), []);
      assert.equal(h.simulator.bill().batchRecords, 120);
      await provider.settled(elsewhere.context);
      assert.deepEqual(await keysIn(h.bucket), []);
    });

    it('stops the jobs that it left running; the next run takes in what they embedded and sends the rest again', async (t) => {
      const h = await harness(t, s3, { delays: { InProgress: 3000 } }, { maxWaitSeconds: 1 });
      const texts = textsNamed('to stop', 120);
      await embedAll(h, texts);
      const stopped = await stopJobs(h.settings, h.context);
      assert.deepEqual(
        stopped.map(({ outcome }) => outcome),
        ['stopping', 'stopping', 'stopping'],
      );
      assert.ok(h.simulator.jobs().every(({ status }) => status === 'Stopping'));
      h.simulator.options.delays = {};
      const settings = { ...h.settings, maxWaitSeconds: 60 };
      const { vectors, outcome } = await embedAll({ ...h, settings }, texts);
      assert.deepEqual(wrongVectors(texts, vectors), []);
      assert.deepEqual(outcome.unembedded, []);
      assert.ok(h.simulator.jobs().length > 3);
      assert.equal(h.simulator.bill().anyTwice, 0);
    });

    it('ends at once, with the permissions to check, where jobs are not allowed', async (t) => {
      const h = await harness(t, s3, { deny: ['create'] });
      await assert.rejects(
        embedAll(h, textsNamed('no create', 20)),
        (error) => error instanceof KnownError && /iam:PassRole/.test(error.message),
      );
    });

    it('goes by the token where the list of jobs is not allowed', async (t) => {
      const h = await harness(t, s3, { deny: ['list'], faultRate: 0.3, faults: ['lostReply'] });
      const texts = textsNamed('no list', 200);
      const { vectors } = await embedAll(h, texts);
      assert.deepEqual(wrongVectors(texts, vectors), []);
      assert.equal(h.simulator.bill().batchTwice, 0);
    });

    it('embeds a query', async (t) => {
      const h = await harness(t, s3, { faultRate: 0.2 });
      const provider = new BedrockProvider(h.settings);
      const vector = await provider.embedQuery('a tool for JSON', h.context.signal);
      assert.equal(vector.length, 256);
    });
  },
);

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { defaultRates, nextDay } from '../../bench/next-day.ts';
import type { EmbeddableRow } from '../../src/embed/dataset.ts';
import { composeText } from '../../src/embed/text.ts';
import type { SearchResult } from '../../src/search/index.ts';
import { VectorSpool } from '../../src/embed/spool.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { stateDirectoryOf } from '../../src/store/place.ts';
import { seededRandom } from '../simulator/options.ts';
import { checkVectors, embeddingSite, syntheticRecording, type EmbeddingSite } from '../support/embedding-site.ts';
import { linuxRecording, noRecording } from '../support/recording.ts';
import { findS3Server } from '../support/s3-server.ts';

const program = await findS3Server();
const long = process.env['FDNIX_LONG_TESTS'] === '1';
const sample = fileURLToPath(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url));

async function index({ cli }: EmbeddingSite, recording: string): Promise<void> {
  const settings = ['--set', 'nixpkgs.source=jsonl', '--set', `nixpkgs.path=${recording}`];
  const { code, stderr } = await cli(['run', '--mode', 'metadata', ...settings]);
  assert.equal(code, 0, stderr);
}

async function embed({ cli }: EmbeddingSite, ...more: string[]): Promise<number> {
  const { code, stderr, peak } = await cli(['embed', ...more]);
  assert.equal(code, 0, stderr);
  return peak;
}

/** A service in which much goes wrong, and in which jobs take a second. */
const trouble = {
  minRecords: 50,
  listLag: 50,
  faultRate: 0.2,
  jobFaultRate: 0.15,
  recordErrorRate: 0.02,
  invokeDelay: 200,
  delays: { Submitted: 100, Validating: 100, Scheduled: 100, InProgress: long ? 700 : 300 },
};
const smallJobs = { minRecords: 50, batchSize: 100, maxConcurrentJobs: 3 };

/** Every package has the vector of its own text, and a query in the words of one finds it by its meaning. */
async function expectSearchable(site: EmbeddingSite, dimensions: number): Promise<void> {
  const { rows, wrong } = await checkVectors(site.dataset, { dimensions });
  assert.deepEqual(wrong, []);
  const packages = await openTable(await connectDataset(site.dataset), 'packages');
  assert.equal(await packages.countRows('has_embedding AND vector IS NOT NULL'), rows);
  const [row] = (await packages.query().where("package_id = 'jq'").toArray()) as EmbeddableRow[];
  assert.ok(row);
  const found = await site.cli(['search', '--json', '--explain', composeText(row, 8000)]);
  assert.equal(found.code, 0, found.stderr);
  const { hits } = JSON.parse(found.stdout) as SearchResult;
  const meaning = hits.find(({ attribute_path }) => attribute_path === 'jq')?.explanation?.meaning;
  assert.ok(meaning !== undefined && meaning !== null && meaning > 0.99, found.stdout + found.stderr);
}

const begunFile = 'on-demand.begun';

/** The calls on demand whose text had no vector on the disk when a run was killed. */
async function callsInFlight(state: string): Promise<number> {
  const key = { model: 'amazon.titan-embed-text-v2:0', dimensions: 256, normalize: true };
  const there = await VectorSpool.peek(state, key);
  const begun = await readFile(join(state, begunFile), 'utf8').catch(() => '');
  return new Set(begun.split('\n').filter((hash) => hash !== '' && !there.has(hash))).size;
}

/** How many calls a run says it may have paid for in vain. */
function saidInVain(stderr: string): number {
  return Number(/(\d+) calls on demand may have been paid for in vain/.exec(stderr)?.[1] ?? 0);
}

describe(
  'the embedding phase',
  { skip: program === null && 'no S3 server (versitygw or moto_server) is installed' },
  () => {
    it('embeds the sample, then nothing more, and says what it would cost', async (t) => {
      const site = await embeddingSite(t, {}, { batchSize: 100 });
      await index(site, sample);
      const plan = JSON.parse((await site.cli(['embed', '--dry-run', '--json'])).stdout) as {
        plan: { pending: number; estimate: { jobs: number; cost: number } };
      };
      await embed(site);
      const { texts, wrong } = await checkVectors(site.dataset);
      assert.deepEqual(wrong, []);
      const first = site.simulator.bill();
      assert.deepEqual([plan.plan.pending, plan.plan.estimate.jobs], [texts.size, first.jobs]);
      assert.equal(first.batchRecords, texts.size);
      await embed(site);
      assert.deepEqual(site.simulator.bill().batchRecords, first.batchRecords, 'nothing is sent twice');
      const again = await site.cli(['embed', '--dry-run']);
      assert.match(again.stdout, /new +0: nothing would be sent\n$/);
      const nobody = await site.cli(['embed', '--dry-run', '--set', 'embedding.provider=none']);
      assert.deepEqual(
        [nobody.code, nobody.stderr],
        [2, 'error: nothing would be embedded: embedding.provider is none\n'],
      );
    });

    it('keeps to maxTexts and maxCost, and sends nothing then', async (t) => {
      const site = await embeddingSite(t, {});
      await index(site, sample);
      const tooMany = await site.cli(['embed', '--set', 'embedding.maxTexts=100']);
      assert.equal(tooMany.code, 1);
      assert.match(tooMany.stderr, /nothing was sent: there are \d+ texts .* embedding\.maxTexts is 100/);
      const tooDear = await site.cli(['embed', '--set', 'embedding.maxCost=0.000001']);
      assert.match(tooDear.stderr, /embedding\.maxCost is \$0\.000001/);
      assert.deepEqual(site.simulator.bill().calls, {});
    });

    it('ends with 1 where some have no vector, keeps what came, and asks for the rest alone next time', async (t) => {
      const site = await embeddingSite(t, { minRecords: 1000, requestsPerMinute: 0 }, { minRecords: 1000 });
      await index(site, sample);
      const failed = await site.cli(['embed']);
      assert.equal(failed.code, 1);
      assert.match(failed.stderr, /packages are without a vector .*were refused/);
      site.simulator.options.requestsPerMinute = 60_000;
      await embed(site);
      const { texts, wrong } = await checkVectors(site.dataset);
      assert.deepEqual(wrong, []);
      assert.equal(site.simulator.bill().onDemandRecords, texts.size);
      const unembedded = await openTable(await connectDataset(site.dataset), 'unembedded');
      assert.equal(await unembedded.countRows(), 0);
    });

    it('embeds anew for other dimensions, and again where that is forced', async (t) => {
      const site = await embeddingSite(t, {});
      await index(site, sample);
      await embed(site);
      const { texts } = await checkVectors(site.dataset);
      await embed(site, '--set', 'embedding.dimensions=512');
      assert.equal(site.simulator.bill().batchRecords, texts.size * 2);
      await embed(site, '--set', 'embedding.dimensions=512', '--set', 'embedding.forceRebuild=true');
      assert.equal(site.simulator.bill().batchRecords, texts.size * 3);
      const packages = await openTable(await connectDataset(site.dataset), 'packages');
      assert.equal(await packages.countRows('vector IS NULL'), 0);
    });

    it('keeps the old vectors, searchable, until those of other dimensions are complete', async (t) => {
      const site = await embeddingSite(t, { minRecords: 50 }, { minRecords: 50, batchSize: 100 });
      const { options, bill } = site.simulator;
      const wider = ['embed', '--set', 'embedding.dimensions=512'];
      await index(site, sample);
      await embed(site);
      const { texts } = await checkVectors(site.dataset);
      await expectSearchable(site, 256);

      Object.assign(options, { recordErrorRate: 0.1, requestsPerMinute: 0 });
      const failed = await site.cli(wider);
      assert.equal(failed.code, 1, failed.stderr);
      assert.match(
        failed.stderr,
        /keep their vectors of amazon\S+ with 256 dimensions until those of .* with 512 are complete/,
      );
      assert.match(
        failed.stderr,
        /error: \d+ texts have no vector of amazon\S+ with 512 dimensions, .* keep those that they have/,
      );
      const came = bill().batchRecords - texts.size;
      assert.ok(came > 0 && came < texts.size, `${came} of ${texts.size}`);
      options.requestsPerMinute = 60_000;
      await expectSearchable(site, 256);

      options.invokeDelay = 60_000;
      const killed = await site.cli(wider, { kill: 4000 });
      assert.equal(killed.code, null);
      options.invokeDelay = 0;
      await expectSearchable(site, 256);

      await embed(site, ...wider.slice(1));
      await expectSearchable(site, 512);
      const searches = 4;
      assert.equal(
        bill().batchRecords + bill().onDemandRecords,
        texts.size * 2 + searches,
        'nothing is paid for twice',
      );
    });

    const kills = long ? 20 : 2;
    for (const rememberTokens of [true, false]) {
      const tokens = rememberTokens ? 'remembered' : 'forgotten';
      it(`gives the same dataset after ${kills} kills at random moments, with faults in a fifth of all calls, tokens ${tokens}`, async (t) => {
        const site = await embeddingSite(t, { ...trouble, rememberTokens }, smallJobs);
        const random = seededRandom(Number(process.env['FDNIX_SEED'] ?? Date.now() % 100_000));
        const recording = join(site.folder, 'recording.jsonl');
        let packages = 0;
        // By what takes jobs, or by so little that it all goes on demand.
        const grow = async (by: number): Promise<void> => {
          packages += by;
          await writeFile(recording, syntheticRecording(packages));
          await index(site, recording);
        };
        const state = stateDirectoryOf(site.dataset, 'embedding');
        let [killed, inFlight, said] = [0, 0, 0];
        await grow(long ? 2000 : 400);
        for (let attempt = 0; killed < kills; attempt++) {
          assert.ok(attempt < kills * 5, `${killed} kills in ${attempt} attempts`);
          const { code, stderr } = await site.cli(['embed'], { kill: 700 + random() * 3300 });
          // A run that was killed after it said so and before it forgot is not the last that says it.
          if (code !== null || !existsSync(join(state, begunFile))) said += saidInVain(stderr);
          if (code === null) {
            killed += 1;
            inFlight += await callsInFlight(state);
          } else if (code === 0) await grow(attempt % 2 === 0 ? 45 : 1000);
        }
        // A run may end incomplete where its tries were used up; what it has is kept, and the next one goes on.
        for (let i = 0, code: number | null = 1; i < 5 && code !== 0; i++) {
          const last = await site.cli(['embed']);
          code = last.code;
          said += saidInVain(last.stderr);
        }
        const { rows, texts, wrong } = await checkVectors(site.dataset);
        const bill = site.simulator.bill();
        t.diagnostic(`${killed} kills, ${inFlight} calls in flight at them, ${said} said; ${JSON.stringify(bill)}`);
        assert.deepEqual(wrong, []);
        assert.deepEqual([killed, rows, texts.size, bill.distinctTexts], [kills, packages, packages, packages]);
        assert.ok(bill.peakJobs <= smallJobs.maxConcurrentJobs, 'the window is kept, lost replies or not');
        assert.equal(bill.batchTwice, 0, 'no batch record is paid for twice');
        const lost = (bill.faults['invoke lostReply'] ?? 0) + (bill.faults['invoke modelTimeout'] ?? 0);
        assert.ok(bill.anyTwice <= inFlight + lost, 'on demand at most what was in flight or lost');
        assert.ok(bill.anyTwice <= said, 'and the summaries count it');
        const verified = await site.cli(['verify']);
        assert.equal(verified.code, 0, verified.stdout + verified.stderr);
      });
    }

    it(
      'embeds all of nixpkgs once, in bounded memory, then what is new on the next day',
      { skip: long ? noRecording : 'set FDNIX_LONG_TESTS=1' },
      async (t) => {
        const site = await embeddingSite(t, {}, { batchSize: 1000 });
        await index(site, linuxRecording);
        const peak = await embed(site);
        const { rows, texts, wrong } = await checkVectors(site.dataset);
        assert.deepEqual(wrong.slice(0, 10), []);
        const bill = site.simulator.bill();
        t.diagnostic(
          `${rows} packages, ${texts.size} texts, peak ${Math.round(peak / 2 ** 20)} MiB, ${JSON.stringify(bill)}`,
        );
        assert.equal(rows, 89_764);
        assert.deepEqual(
          [bill.batchRecords + bill.onDemandRecords, bill.distinctTexts, bill.anyTwice],
          [texts.size, texts.size, 0],
        );
        assert.ok(bill.jobs > 60 && bill.peakJobs <= 20);
        assert.ok(peak < 1.5 * 2 ** 30, `${peak} bytes`);

        const next = join(site.folder, 'next.jsonl');
        await nextDay(linuxRecording, next, 1, defaultRates);
        await index(site, next);
        await embed(site);
        const after = await checkVectors(site.dataset);
        assert.deepEqual(after.wrong.slice(0, 10), []);
        const fresh = [...after.texts].filter((hash) => !texts.has(hash));
        const last = site.simulator.bill();
        t.diagnostic(`next day: ${fresh.length} new texts`);
        assert.ok(fresh.length > 0);
        assert.equal(last.batchRecords + last.onDemandRecords, texts.size + fresh.length);
        assert.equal(last.anyTwice, 0);
      },
    );
  },
);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobStream } from '../../src/model.ts';
import { duplicateError } from '../../src/normalize/normalize.ts';
import { portionsOf } from '../../src/phases/portions.ts';
import { Workers } from '../../src/phases/workers.ts';
import type { StageContext } from '../../src/report/event.ts';
import { openRecordings } from '../../src/source/jsonl.ts';
import { availabilityOf } from '../../src/store/metadata/places.ts';
import { collect } from '../../src/store/metadata/collect.ts';
import { Spool } from '../../src/store/metadata/spool.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { darwinRecording, linuxRecording, noRecording } from '../support/recording.ts';

const skipped = noRecording || (process.env['FDNIX_LONG_TESTS'] ? false : 'takes a minute; set FDNIX_LONG_TESTS');

/** What the two systems say of an attribute: available, broken, unsupported, broken and unsupported, or nothing (–). */
const checkedByHand: [attribute: string, linux: string, darwin: string][] = [
  ['hello', 'available', 'available'],
  // Systems in meta.platforms.
  ['systemd', 'available', 'unsupported'],
  ['iproute2', 'available', 'unsupported'],
  ['apple-sdk', 'unsupported', 'available'],
  ['utm', 'unsupported', 'available'],
  ['darwin.trash', 'unsupported', 'available'],
  // Marked as broken for one system.
  ['valgrind', 'available', 'broken'],
  ['linux_zen', 'available', 'broken and unsupported'],
  // Evaluates for one system.
  ['mas', '–', 'available'],
  ['raycast', '–', 'available'],
  ['chromium', 'available', '–'],
  ['linuxPackages.nvidia_x11', 'available', '–'],
  // Exists for one system.
  ['androidenv.androidPkgs.all.packages.ndk.v21_0_6113669', 'available', '–'],
  ['dotnetCorePackages.dotnet_10.packages.Microsoft-NETCore-App-Host-osx-arm64', '–', 'available'],
];

test(
  'two systems of nixpkgs make one dataset, and each package knows where it is available',
  { skip: skipped },
  async (t) => {
    const context: StageContext = { signal: new AbortController().signal, report: () => {} };
    const workers = new Workers();
    t.after(() => workers.stop());
    const spool = new Spool(await temporaryDirectory(t));
    const incoming = openRecordings([linuxRecording, darwinRecording], context).map((stream: JobStream) => ({
      system: stream.system,
      fallback: 'unknown',
      origin: stream.origin,
      portions: portionsOf(stream, { origin: stream.origin, maxChars: 2000 }, workers, context),
    }));
    const { packages, systems } = await collect(incoming, spool, duplicateError, context);

    assert.equal(packages.length, 90_720);
    assert.deepEqual(
      systems.map((facts) => [facts.system, facts.packages, facts.errors]),
      [
        ['x86_64-linux', 89_764, 9052],
        ['aarch64-darwin', 89_704, 9118],
      ],
    );

    const ids = Array.from({ length: packages.length }, (_, row) => packages.idOf(row));
    const rowOf = new Map(ids.map((id, row) => [id, row]));
    const availabilityAt = availabilityOf(packages.length, systems);
    const said = checkedByHand.map(([attribute]) => {
      const availability = availabilityAt(rowOf.get(attribute) ?? assert.fail(attribute));
      const on = (name: string): string => {
        const found = availability.find(({ system }) => system === name);
        if (found === undefined) return '–';
        const flags = [found.broken && 'broken', found.unsupported && 'unsupported'].filter((flag) => flag !== false);
        assert.equal(found.available, flags.length === 0, attribute);
        assert.match(found.drv_path ?? '', /^\/nix\/store\/.*\.drv$/);
        return flags.length === 0 ? 'available' : flags.join(' and ');
      };
      return [attribute, on('x86_64-linux'), on('aarch64-darwin')];
    });
    assert.deepEqual(said, checkedByHand);

    const unsupported = ids.filter((_, row) => {
      const [first, second] = availabilityAt(row);
      return first !== undefined && second !== undefined && first.unsupported !== second.unsupported;
    });
    assert.equal(unsupported.length, 10_107);
  },
);

/** The recorded evaluations beside the repository, for tests that need the real thing. */
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createZstdDecompress } from 'node:zlib';
import type { RawJob } from '../../src/model.ts';

const recordedFolder = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
export const linuxRecording = `${recordedFolder}nixpkgs-2026-07-14.x86_64-linux.jsonl.zst`;

export const darwinRecording = `${recordedFolder}nixpkgs-2026-07-14.aarch64-darwin.jsonl.zst`;
export const recordedReferences = `${recordedFolder}nixpkgs-2026-07-14.references.json`;

/** Why tests of the recording are skipped, or false where it is there. */
export const noRecording: string | false = existsSync(linuxRecording)
  ? false
  : 'no recorded evaluation beside the repository';

/** The lines of a zstd-compressed file. */
function zstdLines(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path).pipe(createZstdDecompress()), crlfDelay: Infinity });
}

/** The jobs of the x86_64-linux recording. */
export async function* recordedJobs(): AsyncGenerator<RawJob> {
  for await (const line of zstdLines(linuxRecording)) {
    const job: RawJob = JSON.parse(line);
    yield job;
  }
}

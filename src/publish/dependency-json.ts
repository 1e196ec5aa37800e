import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import { sha256OfFile } from './inventory.ts';
import type { Bucket } from './s3-client.ts';
import { headObject } from './s3-objects.ts';
import { uploadStream } from './s3-transfer.ts';
import type { StageContext } from '../report/event.ts';

export type Compression = 'none' | 'gzip' | 'br';

/** What came of uploading the dependency JSON. */
export interface DependencyUpload {
  status: 'published' | 'unchanged';
  uri: string;
  /** Bytes of the file, before compression. */
  bytes: number;
}

/**
 * Uploads the dependency JSON as a stream, as `application/json` and compressed where that is asked for; not where the object
 * there was made of the same file in the same way.
 */
export async function publishDependencyJson(
  bucket: Bucket,
  key: string,
  file: string,
  compression: Compression,
  { signal, report }: StageContext,
): Promise<DependencyUpload> {
  const { size } = await stat(file);
  const sha256 = await sha256OfFile(file, signal);
  const uri = `s3://${bucket.name}/${key}`;
  const encoding = compression === 'none' ? null : compression;
  const there = await headObject(bucket, key, signal);
  if (there?.sha256 === sha256 && there.encoding === encoding) return { status: 'unchanged', uri, bytes: size };
  const started = performance.now();
  const options = {
    contentType: 'application/json',
    sha256,
    ...(encoding === null ? { size } : { contentEncoding: encoding }),
  };
  await uploadStream(bucket, key, () => compressed(file, compression), options, signal);
  report({
    type: 'step',
    task: `upload ${uri}`,
    seconds: (performance.now() - started) / 1000,
    counts: { bytes: size },
  });
  return { status: 'published', uri, bytes: size };
}

function compressed(file: string, compression: Compression): Readable {
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  if (compression === 'none') return source;
  const target =
    compression === 'gzip' ? createGzip() : createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  source.on('error', (error) => target.destroy(error));
  target.on('close', () => source.destroy());
  return source.pipe(target);
}

import { KnownError } from '../errors.ts';
import { rootCause } from './retry.ts';
import type { Bucket } from './s3-client.ts';
import { getText, headObject, putObject, type Condition } from './s3-objects.ts';
import { isDamaged, isUnsupported } from './service-errors.ts';

/** What the lock says: who publishes. */
export interface Claim {
  token: string;
  host: string;
  pid: number;
  since: string;
  /** Counts signs of life, so that each one changes the object. */
  beat: number;
  released: boolean;
}

/** A claim as it was read, with the ETag that a conditional write needs. */
export interface Held {
  claim: Claim;
  etag: string;
}

/** Writes the claim; answers its ETag, or null where somebody else's is there. */
export async function writeClaim(
  bucket: Bucket,
  key: string,
  claim: Claim,
  condition: Condition,
  signal: AbortSignal,
): Promise<string | null> {
  const text = `${JSON.stringify(claim)}\n`;
  const put = async (when: Condition): Promise<string | null> =>
    await putObject(
      bucket,
      key,
      Buffer.from(text),
      { contentType: 'application/json', cacheControl: 'no-cache', condition: when },
      signal,
    );
  let etag: string | null;
  try {
    etag = await put(condition);
  } catch (error) {
    if (condition === null || !isUnsupported(rootCause(error))) throw error;
    etag = await put(null);
  }
  if (etag !== null) return etag;
  // The reply to a write that arrived may have been lost: then what is there is ours.
  const there = await readText(bucket, key, signal);
  return there?.text === text ? there.etag : null;
}

/** Who holds the lock, or null where it was never taken. */
export async function readClaim(bucket: Bucket, key: string, signal: AbortSignal): Promise<Held | null> {
  const object = await readText(bucket, key, signal);
  if (object === null) return null;
  if (object.text === null) return { claim: unreadable, etag: object.etag };
  try {
    return { claim: JSON.parse(object.text) as Claim, etag: object.etag };
  } catch (error) {
    throw new KnownError(
      `s3://${bucket.name}/${key}: not a publisher's lock of ours; remove it if nothing is being published`,
      { cause: error },
    );
  }
}

/** Whoever wrote a lock whose bytes and checksum do not go together: it is waited for like any other. */
const unreadable: Claim = { token: '', host: 'an unknown machine', pid: 0, since: 'unknown', beat: 0, released: false };

/** The lock's text, null where the store answers with bytes that are not those of its checksum, as after two writes at once. */
async function readText(
  bucket: Bucket,
  key: string,
  signal: AbortSignal,
): Promise<{ text: string | null; etag: string } | null> {
  try {
    return await getText(bucket, key, signal);
  } catch (error) {
    if (!isDamaged(rootCause(error))) throw error;
    const head = await headObject(bucket, key, signal);
    return head === null ? null : { text: null, etag: head.etag };
  }
}

import type { ProxiedRequest } from './fault-proxy.ts';

interface Statement {
  Action: string | string[];
  Resource?: string | string[];
  Condition?: { StringLike?: { 's3:prefix'?: string } };
}

/** What a request to a service is to IAM. */
export interface Access {
  action: string;
  resource: string;
  /** Of a listing. */
  prefix?: string;
}

/** The policies in a page of documentation: every JSON block below a heading, as statements. */
export function statementsBelow(page: string, heading: string): Statement[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  const blocks = [...section.matchAll(/^```json\n(.*?)^```/gms)].map(
    ([, json = '']) => JSON.parse(json) as Statement | { Statement: Statement[] },
  );
  return blocks.flatMap((block) => ('Statement' in block ? block.Statement : [block]));
}

/** Whether the statements allow an access. */
export function isAllowed(statements: Statement[], { action, resource, prefix }: Access): boolean {
  return statements.some(({ Action, Resource = [], Condition }) => {
    const wanted = Condition?.StringLike?.['s3:prefix'];
    return (
      [Action].flat().includes(action) &&
      [Resource].flat().some((pattern) => matches(pattern, resource)) &&
      (wanted === undefined || (prefix !== undefined && matches(wanted, prefix)))
    );
  });
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')}$`, 's').test(
    text,
  );
}

/** What IAM looks at for a request to S3 by path; throws for one that it does not know. */
export function accessesOfS3({ method, path, query, headers }: ProxiedRequest): Access[] {
  const [bucket = '', ...rest] = path.slice(1).split('/');
  const key = rest.join('/');
  const one = (action: string): Access[] => [
    { action: `s3:${action}`, resource: `arn:aws:s3:::${bucket}${key === '' ? '' : `/${key}`}` },
  ];
  if (key === '') {
    if (method === 'POST' && query.has('delete')) return [{ action: 's3:DeleteObject', resource: '' }];
    if (method === 'GET' && query.has('uploads')) return one('ListBucketMultipartUploads');
    if (method === 'GET')
      return [{ action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}`, prefix: query.get('prefix') ?? '' }];
    if (method === 'HEAD') return one('ListBucket');
  }
  const source = headers['x-amz-copy-source'];
  if (method === 'PUT' && typeof source === 'string')
    return [
      ...one('PutObject'),
      { action: 's3:GetObject', resource: `arn:aws:s3:::${decodeURIComponent(source).replace(/^\//, '')}` },
    ];
  if (method === 'PUT' || (method === 'POST' && (query.has('uploads') || query.has('uploadId'))))
    return one('PutObject');
  if (method === 'GET' || method === 'HEAD') return one('GetObject');
  if (method === 'DELETE' && query.has('uploadId')) return one('AbortMultipartUpload');
  throw new Error(`what is ${method} ${path}?${query.toString()} to IAM?`);
}

/** The IAM action of a call to Lambda, written as `METHOD /path`. */
export function actionOfLambda(call: string): string {
  const [method, path = ''] = call.split(' ');
  const kinds: [string, RegExp, string][] = [
    ['GET', /\/layers\/[^/]+\/versions$/, 'ListLayerVersions'],
    ['GET', /\/layers\/[^/]+\/versions\/\d+$/, 'GetLayerVersion'],
    ['POST', /\/layers\/[^/]+\/versions$/, 'PublishLayerVersion'],
    ['DELETE', /\/layers\/[^/]+\/versions\/\d+$/, 'DeleteLayerVersion'],
    ['GET', /\/functions\/?$/, 'ListFunctions'],
    ['GET', /\/functions\/[^/]+\/configuration$/, 'GetFunctionConfiguration'],
    ['PUT', /\/functions\/[^/]+\/configuration$/, 'UpdateFunctionConfiguration'],
  ];
  const found = kinds.find(([wanted, pattern]) => method === wanted && pattern.test(path.split('?')[0] ?? ''));
  if (found === undefined) throw new Error(`what is ${call} to IAM?`);
  return `lambda:${found[2]}`;
}

import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface FunctionState {
  FunctionName: string;
  FunctionArn: string;
  Layers: { Arn: string }[];
  RevisionId: string;
  State: string;
  LastUpdateStatus: string;
  LastUpdateStatusReason?: string;
}

export interface LambdaServer {
  endpoint: string;
  layerArn: string;
  functions: Map<string, FunctionState>;
  versions: { version: number; sha256: string; description: string }[];
  calls: string[];
  addFunction: (name: string, layers: string[]) => void;
  /** Called with each request before it is served; a number is a status to fail with. */
  intercept: (rule: ((call: string) => { status: number; type: string } | 'drop' | null) | null) => void;
  /** Functions whose next update ends as Failed. */
  failing: Set<string>;
  close: () => Promise<void>;
}

const region = 'arn:aws:lambda:us-east-1:123456789012';

/**
 * A Lambda of our own, strict about what its documentation demands: updates need the current RevisionId and no update in
 * progress, replace the whole list of layers, stay in progress for one look, lists come in small pages.
 */
export async function startLambdaServer(
  layer: string,
  readObject: (bucket: string, key: string) => Promise<Uint8Array>,
): Promise<LambdaServer> {
  const functions = new Map<string, FunctionState>();
  const versions: LambdaServer['versions'] = [];
  const calls: string[] = [];
  const failing = new Set<string>();
  let rule: Parameters<LambdaServer['intercept']>[0] = null;
  let published = 0;
  const layerArn = `${region}:layer:${layer}`;

  const handlers: [
    RegExp,
    (match: RegExpExecArray, url: URL, body: Record<string, unknown>) => Promise<object | null>,
  ][] = [
    [/^GET \/2018-10-31\/layers\/[^/]+\/versions$/, (_match, url) => Promise.resolve(listVersions(url))],
    [
      /^GET \/2018-10-31\/layers\/[^/]+\/versions\/(\d+)$/,
      ([, version]) => Promise.resolve(getVersion(Number(version))),
    ],
    [/^POST \/2018-10-31\/layers\/[^/]+\/versions$/, (_match, _url, body) => publish(body)],
    [
      /^DELETE \/2018-10-31\/layers\/[^/]+\/versions\/(\d+)$/,
      ([, version]) => Promise.resolve(remove(Number(version))),
    ],
    [/^GET \/2015-03-31\/functions\/?$/, (_match, url) => Promise.resolve(listFunctions(url))],
    [/^GET \/2015-03-31\/functions\/([^/]+)\/configuration$/, ([, name]) => Promise.resolve(getFunction(name ?? ''))],
    [
      /^PUT \/2015-03-31\/functions\/([^/]+)\/configuration$/,
      ([, name], _url, body) => Promise.resolve(update(name ?? '', body)),
    ],
  ];

  function item({ version, description }: LambdaServer['versions'][number]): object {
    return { LayerVersionArn: `${layerArn}:${version}`, Version: version, Description: description };
  }
  function listVersions(url: URL): object {
    if (published === 0) throw fail(404, 'ResourceNotFoundException');
    const sorted = versions.toSorted((a, b) => b.version - a.version);
    const start = Number(url.searchParams.get('Marker') ?? 0);
    const page = sorted.slice(start, start + 2).map(item);
    return start + 2 < sorted.length ? { LayerVersions: page, NextMarker: String(start + 2) } : { LayerVersions: page };
  }
  function getVersion(number: number): object {
    const found = versions.find(({ version }) => version === number);
    if (!found) throw fail(404, 'ResourceNotFoundException');
    return { ...item(found), Content: { CodeSha256: found.sha256 } };
  }
  async function publish(body: Record<string, unknown>): Promise<object> {
    const { S3Bucket, S3Key } = body['Content'] as { S3Bucket: string; S3Key: string };
    const bytes = await readObject(S3Bucket, S3Key);
    published += 1;
    const added = {
      version: published,
      sha256: createHash('sha256').update(bytes).digest('base64'),
      description: String(body['Description']),
    };
    versions.push(added);
    return { ...item(added), LayerArn: layerArn, Content: { CodeSha256: added.sha256, CodeSize: bytes.length } };
  }
  function remove(number: number): null {
    versions.splice(0, versions.length, ...versions.filter(({ version }) => version !== number));
    return null;
  }
  function listFunctions(url: URL): object {
    const all = [...functions.values()];
    const start = Number(url.searchParams.get('Marker') ?? 0);
    const page = all.slice(start, start + 2);
    return start + 2 < all.length ? { Functions: page, NextMarker: String(start + 2) } : { Functions: page };
  }
  function getFunction(name: string): object {
    const found = functions.get(name);
    if (!found) throw fail(404, 'ResourceNotFoundException');
    const seen = { ...found };
    if (found.LastUpdateStatus === 'InProgress') {
      found.LastUpdateStatus = failing.delete(name) ? 'Failed' : 'Successful';
      if (found.LastUpdateStatus === 'Failed') found.LastUpdateStatusReason = 'The image is too large';
    }
    return seen;
  }
  function update(name: string, body: Record<string, unknown>): object {
    const found = functions.get(name);
    if (!found) throw fail(404, 'ResourceNotFoundException');
    if (found.LastUpdateStatus === 'InProgress') throw fail(409, 'ResourceConflictException');
    if (body['RevisionId'] !== found.RevisionId) throw fail(412, 'PreconditionFailedException');
    found.Layers = (body['Layers'] as string[]).map((Arn) => ({ Arn }));
    found.RevisionId = randomUUID();
    found.LastUpdateStatus = 'InProgress';
    return found;
  }

  const server = createServer((request, response) => {
    void (async () => {
      const body = await read(request);
      const url = new URL(request.url ?? '/', 'http://localhost');
      const call = `${request.method} ${decodeURIComponent(url.pathname)}`;
      calls.push(call);
      try {
        const forced = rule?.(call) ?? null;
        if (forced !== null && forced !== 'drop') throw fail(forced.status, forced.type);
        for (const [pattern, handle] of handlers) {
          const match = pattern.exec(call);
          if (!match) continue;
          const reply = await handle(match, url, body);
          if (forced === 'drop') return void request.socket.destroy();
          const status = reply === null ? 204 : request.method === 'POST' ? 201 : 200;
          response.writeHead(status, { 'content-type': 'application/json' });
          return void response.end(reply === null ? undefined : JSON.stringify(reply));
        }
        throw fail(404, 'UnknownOperationException');
      } catch (error) {
        const { status = 500, type = 'ServiceException' } = error as { status?: number; type?: string };
        response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type });
        response.end(JSON.stringify({ message: `${type} by the test server` }));
      }
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    layerArn,
    functions,
    versions,
    calls,
    failing,
    addFunction: (name, layers) => {
      const Layers = layers.map((Arn) => ({ Arn }));
      functions.set(name, {
        FunctionName: name,
        FunctionArn: `${region}:function:${name}`,
        Layers,
        RevisionId: randomUUID(),
        State: 'Active',
        LastUpdateStatus: 'Successful',
      });
    },
    intercept: (next) => void (rule = next),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function fail(status: number, type: string): Error {
  return Object.assign(new Error(type), { status, type });
}

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
}

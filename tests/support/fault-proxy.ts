import { once } from 'node:events';
import { Agent, createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What is done to a request instead of (or after) passing it on. `lostReply` lets it through and breaks the connection before the
 * answer: the client cannot know whether it happened. `cutBody` breaks off in the middle of the answer.
 */
export type Fault =
  | { kind: 'answer'; status: number; code: string; message?: string; headers?: Record<string, string>; extra?: string }
  | { kind: 'reset' }
  | { kind: 'lostReply' }
  | { kind: 'cutBody' }
  | { kind: 'hang' };

export interface ProxiedRequest {
  method: string;
  /** Decoded path without the query: `/bucket/key`. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
}

export type FaultRule = (request: ProxiedRequest) => Fault | null;

export interface FaultProxy {
  endpoint: string;
  /** Requests so far, faults among them, and bytes of bodies in both directions. */
  counters: { requests: number; faults: number; up: number; down: number };
  /** Every request as `METHOD /bucket/key`, in order of arrival. */
  log: string[];
  setRule: (rule: FaultRule | null) => void;
  /** Headers that are not passed on, as by a store that does not know them. */
  dropHeaders: Set<string>;
  close: () => Promise<void>;
}

export const slowDown: Fault = {
  kind: 'answer',
  status: 503,
  code: 'SlowDown',
  message: 'Please reduce your request rate.',
};
export const internalError: Fault = { kind: 'answer', status: 500, code: 'InternalError' };
export const accessDenied: Fault = { kind: 'answer', status: 403, code: 'AccessDenied', message: 'Access Denied' };
export const expiredToken: Fault = {
  kind: 'answer',
  status: 400,
  code: 'ExpiredToken',
  message: 'The provided token has expired.',
};

/** An HTTP proxy of our own in front of a store. The Host header is passed on, so that signatures stay valid. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const target = new URL(upstream);
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const counters = { requests: 0, faults: 0, up: 0, down: 0 };
  const log: string[] = [];
  const dropHeaders = new Set<string>();
  let rule: FaultRule | null = null;
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', upstream);
    const seen = {
      method: incoming.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: incoming.headers,
    };
    counters.requests += 1;
    log.push(`${seen.method} ${seen.path}`);
    const fault = rule?.(seen) ?? null;
    if (fault) counters.faults += 1;
    serve(incoming, outgoing, fault);
  });
  const serve = (incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | null): void => {
    incoming.on('data', (chunk: Buffer) => (counters.up += chunk.length));
    if (fault?.kind === 'hang') return void incoming.resume();
    if (fault?.kind === 'reset') return void incoming.socket.destroy();
    if (fault?.kind === 'answer') return answer(incoming, outgoing, fault);
    const passed = forward(
      {
        host: target.hostname,
        port: target.port,
        agent,
        method: incoming.method,
        path: incoming.url,
        headers: Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !dropHeaders.has(name))),
      },
      (reply) => {
        if (fault?.kind === 'lostReply') {
          reply.resume();
          return void incoming.socket.destroy();
        }
        outgoing.writeHead(reply.statusCode ?? 500, reply.headers);
        let sent = 0;
        reply.on('data', (chunk: Buffer) => {
          counters.down += chunk.length;
          sent += chunk.length;
          if (fault?.kind === 'cutBody' && sent > 0) {
            outgoing.write(chunk.subarray(0, chunk.length >> 1), () => incoming.socket.destroy());
            reply.destroy();
          } else if (!outgoing.write(chunk)) {
            reply.pause();
            outgoing.once('drain', () => reply.resume());
          }
        });
        reply.on('end', () => outgoing.end());
        reply.on('error', () => incoming.socket.destroy());
      },
    );
    passed.on('error', () => incoming.socket.destroy());
    incoming.on('error', () => passed.destroy());
    incoming.pipe(passed);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counters,
    log,
    dropHeaders,
    setRule: (next) => void (rule = next),
    close: async () => {
      server.closeAllConnections();
      agent.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(incoming: IncomingMessage, outgoing: ServerResponse, fault: Extract<Fault, { kind: 'answer' }>): void {
  incoming.resume();
  incoming.on('end', () => {
    outgoing.writeHead(fault.status, { 'content-type': 'application/xml', ...fault.headers });
    const body = `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>${fault.message ?? ''}</Message>${fault.extra ?? ''}<RequestId>0</RequestId></Error>`;
    outgoing.end(incoming.method === 'HEAD' ? undefined : body);
  });
}

/** Faults of all kinds at a rate (0 to 1), drawn by a seed: the same seed gives the same sequence. */
export function atRate(
  rate: number,
  seed: number,
  faults: Fault[] = [slowDown, internalError, { kind: 'reset' }, { kind: 'lostReply' }, { kind: 'cutBody' }],
): FaultRule {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => (random() < rate ? (faults[Math.floor(random() * faults.length)] ?? null) : null);
}

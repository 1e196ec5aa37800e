import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { normalize } from '../../src/normalize/normalize.ts';
import { findChannel, openChannel } from '../../src/source/channel.ts';
import { temporaryDirectory } from '../support/directory.ts';

const signal = new AbortController().signal;
const nothing = { path: null, url: null, ref: 'nixos-unstable', revision: null };

const channel = JSON.stringify({
  version: 2,
  packages: {
    hello: {
      name: 'hello-2.12',
      pname: 'hello',
      version: '2.12',
      system: 'x86_64-linux',
      outputName: 'out',
      outputs: { out: null },
      meta: {
        description: 'Says «hello»',
        license: [{ spdxId: 'MIT' }],
        position: 'pkgs/by-name/he/hello/package.nix:3',
      },
    },
    'python313Packages.numpy': { name: 'python3.13-numpy-2.3.4', pname: 'numpy', version: '2.3.4', meta: {} },
    'rubyPackages."http_parser.rb"': { name: 'ruby3.3-http_parser.rb-0.8.0', pname: '', version: '', meta: {} },
    'odd.one': 'no object',
    ...Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`p${index}`, { name: `p${index}-1` }])),
  },
});

async function read(config: Partial<Parameters<typeof findChannel>[0]>) {
  const found = await findChannel({ ...nothing, ...config }, { signal });
  const stream = openChannel(found);
  const packages = [];
  const errors = [];
  for await (const batch of normalize(stream, { contentHash: () => '' }, { signal })) {
    packages.push(...batch.packages);
    errors.push(...batch.errors);
  }
  return { found, packages, errors };
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function assertChannel({ packages, errors }: Awaited<ReturnType<typeof read>>): void {
  const ids = packages.map(({ declared }) => declared.package_id);
  assert.deepEqual(ids.slice(0, 4), ['hello', 'python313Packages.numpy', 'rubyPackages."http_parser.rb"', 'p0']);
  assert.equal(ids.length, 2003);
  const [hello, numpy, parser] = packages;
  assert.equal(hello?.system, 'x86_64-linux');
  assert.equal(hello.declared.description, 'Says «hello»');
  assert.equal(hello.declared.license_expression, 'MIT');
  assert.equal(hello.declared.position, 'pkgs/by-name/he/hello/package.nix:3');
  assert.equal(hello.hasInputs, false);
  assert.equal(hello.drvPath, null);
  assert.deepEqual([numpy?.declared.package_name, numpy?.declared.version], ['numpy', '2.3.4']);
  assert.deepEqual([parser?.declared.package_name, parser?.declared.version], ['ruby3.3-http_parser.rb', '0.8.0']);
  assert.deepEqual(
    errors.map(({ attribute_path, class: kind }) => [attribute_path, kind]),
    [['odd.one', 'invalid']],
  );
}

suite('a channel from a file', () => {
  const forms = {
    '': (text: string) => Buffer.from(text),
    '.br': brotliCompressSync,
    '.gz': gzipSync,
    '.zst': zstdCompressSync,
  };
  for (const [ending, form] of Object.entries(forms)) {
    test(`packages.json${ending}`, async (t) => {
      const path = join(await temporaryDirectory(t), `packages.json${ending}`);
      await writeFile(path, form(channel));
      const result = await read({ path });
      assert.equal(result.found.origin, path);
      assertChannel(result);
    });
  }

  const wrong: [what: string, text: string, reason: RegExp][] = [
    ['no JSON', 'packages', /is no packages\.json: /],
    ['cut off', channel.slice(0, 9000), /is no packages\.json: /],
    ['nothing', '', /is no packages\.json: /],
    ['another JSON', '{"nodes": {"a": 1}}', /is no packages\.json: it has no packages/],
    ['a list', '[1, 2]', /is no packages\.json: it has no packages/],
    ['no packages', '{"version": 2, "packages": {}}', /is no packages\.json: it has no packages/],
    ['something behind its end', `${channel}{`, /is no packages\.json: /],
  ];
  for (const [what, text, reason] of wrong) {
    test(`not one: ${what}`, async (t) => {
      const folder = await temporaryDirectory(t, { 'packages.json': text });
      const path = join(folder, 'packages.json');
      await assert.rejects(read({ path }), (error: Error) => {
        assert.equal(error.name, 'KnownError');
        assert.ok(error.message.startsWith(path), error.message);
        assert.match(error.message, reason);
        return true;
      });
    });
  }

  test('a file that is not there', async () => {
    await assert.rejects(read({ path: '/none/packages.json.br' }), {
      name: 'KnownError',
      message: /there is no such file/,
    });
  });
});

suite('a channel from a server', () => {
  test('.br as it is, and under a content encoding', async (t) => {
    const packed = brotliCompressSync(channel);
    const base = await serve(t, (request, response) => {
      if (request.url?.startsWith('/encoded')) response.setHeader('content-encoding', 'br');
      response.end(packed);
    });
    assertChannel(await read({ url: `${base}/packages.json.br` }));
    assertChannel(await read({ url: `${base}/encoded/packages.json.br` }));
  });

  test('plain, slowly, cut through characters', async (t) => {
    const base = await serve(t, (_, response) => {
      const bytes = Buffer.from(channel);
      const at = bytes.indexOf('«') + 1;
      response.write(bytes.subarray(0, at));
      setTimeout(() => response.end(bytes.subarray(at)), 20);
    });
    assertChannel(await read({ url: `${base}/packages.json` }));
  });

  test('what is not there is a usage error that names the address', async (t) => {
    const base = await serve(t, (_, response) => response.writeHead(404).end());
    await assert.rejects(read({ url: `${base}/packages.json.br` }), {
      name: 'UsageError',
      message: `${base}/packages.json.br is not there; check nixpkgs.url`,
    });
  });

  test('a server that fails', async (t) => {
    const base = await serve(t, (_, response) => response.writeHead(503).end());
    await assert.rejects(read({ url: `${base}/packages.json` }), {
      name: 'KnownError',
      message: `${base}/packages.json: the server answered 503 Service Unavailable; try again later`,
    });
  });

  test('a download that breaks off', async (t) => {
    const base = await serve(t, (_, response) => {
      response.setHeader('content-length', channel.length);
      response.write(channel.slice(0, 5000), () => response.destroy());
    });
    await assert.rejects(read({ url: `${base}/packages.json` }), {
      name: 'KnownError',
      message: /packages\.json: the download broke off \(.+\); run again$/,
    });
  });

  test('a compressed file that ends too early', async (t) => {
    const packed = brotliCompressSync(channel);
    const base = await serve(t, (_, response) => response.end(packed.subarray(0, packed.length >> 1)));
    await assert.rejects(read({ url: `${base}/packages.json.br` }), {
      name: 'KnownError',
      message: /packages\.json\.br: the download broke off/,
    });
  });

  test('nobody there', async (t) => {
    const base = await serve(t, () => {});
    const free = base.replace(/\d+$/, '1');
    await assert.rejects(read({ url: `${free}/packages.json` }), {
      name: 'KnownError',
      message: /cannot be reached: .+; check the network/,
    });
  });
});

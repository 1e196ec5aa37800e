import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { RawJob } from '../../src/model.ts';
import { packageOf } from '../../src/normalize/package.ts';

const options = { contentHash: () => 'hash' };
const normalized = (job: Partial<RawJob>) => packageOf({ attr: 'hello', ...job }, options);
const declared = (job: Partial<RawJob>) => normalized(job).declared;
const relative = (position: string, treePath?: string) =>
  packageOf({ attr: 'a', meta: { position } }, { ...options, treePath }).declared.position;
const flags = ({ broken, unfree, available, insecure, unsupported }: ReturnType<typeof declared>) => {
  return { broken, unfree, available, insecure, unsupported };
};

test('the least that a line can say', () => {
  assert.deepEqual(normalized({}), {
    declared: {
      package_id: 'hello',
      package_name: 'hello',
      version: null,
      attribute_path: 'hello',
      description: null,
      long_description: null,
      homepage: null,
      urls: [],
      license: [],
      license_expression: null,
      platforms: [],
      maintainers: [],
      teams: [],
      category: 'other',
      broken: false,
      unfree: false,
      available: true,
      insecure: false,
      unsupported: false,
      known_vulnerabilities: [],
      main_program: null,
      position: null,
      outputs_to_install: [],
      source_provenance: [],
      identifiers: { cpe: null, purl: null },
      priority: null,
      content_hash: 'hash',
    },
    system: null,
    drvPath: null,
    inputs: { build: [], native_build: [], propagated_build: [], propagated_native_build: [], unknown: [] },
    hasInputs: false,
  });
});

suite('pname and version', () => {
  const cases: [what: string, job: Partial<RawJob>, name: string, version: string | null][] = [
    ['the derivation’s own', { name: 'x-9', extraValue: { pname: 'hello', version: '2.12' } }, 'hello', '2.12'],
    ['none: the name, split', { name: 'hello-2.12.1', extraValue: { pname: null } }, 'hello', '2.12.1'],
    ['a name without a version', { name: 'pkg-config-wrapper' }, 'pkg-config-wrapper', null],
    ['a dash and a letter is no version', { name: 'a-b2-c3' }, 'a-b2-c3', null],
    ['an underscore begins one', { name: 'font-util-_1' }, 'font-util', '_1'],
    ['a date', { name: 'x264-0-unstable-2025-01-03' }, 'x264', '0-unstable-2025-01-03'],
    ['the name of meta', { meta: { name: 'tool-1' } }, 'tool', '1'],
    ['the version of meta', { name: 'hello-2', meta: { version: '3' } }, 'hello', '3'],
    ['blank ones count as absent', { name: 'hello-2', extraValue: { pname: '', version: ' ' } }, 'hello', '2'],
    ['no name at all: the attribute', { attr: 'hello' }, 'hello', null],
  ];
  for (const [what, job, name, version] of cases) {
    test(what, () => {
      const { package_name, version: found } = declared(job);
      assert.deepEqual({ package_name, version: found }, { package_name: name, version });
    });
  }
});

suite('addresses', () => {
  test('a list of home pages: all are kept, the first is the homepage', () => {
    const { homepage, urls } = declared({
      extraValue: { repository: 'https://git.example.org/a' },
      meta: {
        homepage: ['https://a.example.org', 'https://b.example.org'],
        changelog: 'https://a.example.org/changes',
        downloadPage: ['', 'https://a.example.org/download'],
      },
    });
    assert.equal(homepage, 'https://a.example.org');
    assert.deepEqual(urls, [
      { type: 'homepage', url: 'https://a.example.org' },
      { type: 'homepage', url: 'https://b.example.org' },
      { type: 'changelog', url: 'https://a.example.org/changes' },
      { type: 'download', url: 'https://a.example.org/download' },
      { type: 'repository', url: 'https://git.example.org/a' },
    ]);
  });

  test('an empty list of home pages', () => {
    assert.equal(declared({ meta: { homepage: [] } }).homepage, null);
  });
});

suite('flags', () => {
  const none = { broken: false, unfree: false, available: true, insecure: false, unsupported: false };

  test('available is worked out: what was recorded is true for everything', () => {
    assert.deepEqual(flags(declared({ meta: { available: true, broken: true } })), {
      ...none,
      broken: true,
      available: false,
    });
    assert.deepEqual(flags(declared({ meta: { available: true, unsupported: true } })), {
      ...none,
      unsupported: true,
      available: false,
    });
    assert.equal(declared({ meta: { available: false } }).available, true);
  });

  test('none of them recorded: unfree follows from the licenses, insecure from the vulnerabilities', () => {
    const meta = { license: [{ shortName: 'x', free: false }], knownVulnerabilities: ['CVE-1'] };
    assert.deepEqual(flags(declared({ meta })), { ...none, unfree: true, insecure: true });
    assert.deepEqual(flags(declared({ meta: { license: { free: true, shortName: 'x' } } })), none);
  });

  test('what was recorded has the last word on unfree and insecure', () => {
    const meta = {
      unfree: false,
      insecure: false,
      license: { shortName: 'x', free: false },
      knownVulnerabilities: ['a'],
    };
    assert.deepEqual(flags(declared({ meta })), none);
  });
});

suite('people', () => {
  test('maintainers may be strings, numbers that are no int32 are left out', () => {
    const { maintainers } = declared({
      meta: {
        maintainers: [
          'Ada',
          { name: 'Grace', github: 'grace', githubId: 7, email: 'g@example.org', matrix: '@g:x' },
          {},
        ],
      },
    });
    assert.deepEqual(maintainers, [
      { name: 'Ada', github: null, github_id: null, email: null, matrix: null },
      { name: 'Grace', github: 'grace', github_id: 7, email: 'g@example.org', matrix: '@g:x' },
      { name: null, github: null, github_id: null, email: null, matrix: null },
    ]);
    const [big] = declared({ meta: { maintainers: [{ githubId: 2 ** 31 }] } }).maintainers;
    assert.equal(big?.github_id, null);
  });

  test('teams by their short name, else by their handle, else by what they look after', () => {
    const teams = [{ shortName: 'GNOME', github: 'gnome' }, { github: 'kde' }, { scope: 'All of it' }, { members: [] }];
    assert.deepEqual(declared({ meta: { teams } }).teams, ['GNOME', 'kde', 'All of it']);
  });
});

suite('category', () => {
  const cases: [what: string, job: Partial<RawJob>, category: string][] = [
    ['a package set', { attr: 'python313Packages.numpy', attrPath: ['python313Packages', 'numpy'] }, 'python-packages'],
    [
      'its version in the middle',
      { attr: 'gnome_48_extensions.x', attrPath: ['gnome_48_extensions', 'x'] },
      'gnome-extensions',
    ],
    ['quoted attributes', { attr: 'rubyPackages."http_parser.rb"' }, 'ruby-packages'],
    ['a dot inside quotes makes no set', { attr: '"a.b"' }, 'other'],
    [
      'a folder',
      { meta: { position: '/nix/store/x-source/pkgs/applications/editors/vim/default.nix:1' } },
      'applications/editors',
    ],
    [
      'a folder of one level',
      { meta: { position: '/nix/store/x-source/pkgs/build-support/x.nix:1' } },
      'build-support',
    ],
    ['by-name says nothing', { meta: { position: '/nix/store/x/pkgs/by-name/he/hello/package.nix:1' } }, 'other'],
    [
      'by-name with a program',
      { meta: { position: '/nix/store/x/pkgs/by-name/he/hello/package.nix:1', mainProgram: 'hello' } },
      'programs',
    ],
    ['outside of pkgs', { meta: { position: '/nix/store/x/nixos/lib/x.nix:1' } }, 'other'],
    ['never from a substring', { attr: 'editors-applications', name: 'python-games-1' }, 'other'],
  ];
  for (const [what, job, category] of cases) {
    test(what, () => assert.equal(declared(job).category, category));
  }
});

test('platforms: systems as they are, patterns with * for what is open', () => {
  const platforms = [
    'x86_64-linux',
    { cpu: { bits: 64, family: 'riscv' }, kernel: { execFormat: { name: 'elf' }, families: {}, name: 'linux' } },
    { cpu: { family: 'arm' }, kernel: { families: {}, name: 'linux' } },
    { cpu: { bits: 64 }, kernel: { families: { darwin: { name: 'darwin' } } } },
    { abi: { name: 'gnueabihf' } },
    { kernel: { execFormat: { name: 'elf' } } },
    null,
    7,
  ];
  assert.deepEqual(declared({ meta: { platforms } }).platforms, [
    'x86_64-linux',
    'riscv64-linux',
    'arm-linux',
    '*64-darwin',
    '*-*-gnueabihf',
    '*-*',
  ]);
});

function platformsOf(platforms: unknown[]): readonly string[] {
  return declared({ meta: { platforms } }).platforms;
}

test('equal lists of platforms are one, which nobody can change', () => {
  const first = platformsOf(['a-linux', 'b-linux']);
  assert.equal(platformsOf(['a-linux', { cpu: { name: 'b' }, kernel: { name: 'linux' } }]), first);
  assert.ok(Object.isFrozen(first));
  assert.deepEqual(platformsOf(['a-linux\nb-linux']), ['a-linux\nb-linux']);
  assert.deepEqual(platformsOf(['']), ['']);
  assert.deepEqual(platformsOf([]), []);
});

suite('position', () => {
  test('relative to nixpkgs, from the store or from a tree of one’s own', () => {
    const place = 'pkgs/by-name/ri/ripgrep/package.nix:64';
    assert.equal(relative(`/nix/store/0123-source/${place}`), place);
    assert.equal(relative(`/home/me/src/${place}`), place);
    assert.equal(relative(`/home/me/pkgs/tree/${place}`, '/home/me/pkgs/tree'), place);
    assert.equal(relative(`/home/me/trees/${place}`, '/home/me/tree'), place);
    assert.equal(relative('/home/me/overlay/tool.nix:3'), '/home/me/overlay/tool.nix:3');
    assert.equal(relative(''), null);
  });
});

test('what else is there', () => {
  const { declared: row } = normalized({
    meta: {
      description: 'Says hello',
      longDescription: '  \n',
      mainProgram: 'hello',
      outputsToInstall: ['bin', 'man'],
      knownVulnerabilities: ['CVE-1'],
      sourceProvenance: [{ shortName: 'fromSource', isSource: true }, 'binaryFirmware', 3],
      identifiers: { cpe: 'cpe:2.3:a:x', purls: ['pkg:x/y', 'pkg:z'] },
      priority: '5',
    },
  });
  assert.equal(row.description, 'Says hello');
  assert.equal(row.long_description, null);
  assert.equal(row.main_program, 'hello');
  assert.deepEqual(row.outputs_to_install, ['bin', 'man']);
  assert.deepEqual(row.known_vulnerabilities, ['CVE-1']);
  assert.deepEqual(row.source_provenance, ['fromSource', 'binaryFirmware']);
  assert.deepEqual(row.identifiers, { cpe: 'cpe:2.3:a:x', purl: 'pkg:x/y' });
  assert.equal(row.priority, 5);
  const priorities = [-10, 4.9, '', 'high', 2 ** 31, null].map((priority) => declared({ meta: { priority } }).priority);
  assert.deepEqual(priorities, [-10, 4, null, null, null, null]);
});

suite('inputs', () => {
  const none = { build: [], native_build: [], propagated_build: [], propagated_native_build: [], unknown: [] };

  test('by kind, in their order, with repetitions', () => {
    const { inputs, hasInputs } = normalized({
      extraValue: {
        buildInputs: ['b', 'a', 'b'],
        nativeBuildInputs: ['n'],
        propagatedBuildInputs: ['p'],
        propagatedNativeBuildInputs: ['q'],
      },
      inputDrvs: { z: {} },
    });
    assert.deepEqual(inputs, {
      build: ['b', 'a', 'b'],
      native_build: ['n'],
      propagated_build: ['p'],
      propagated_native_build: ['q'],
      unknown: [],
    });
    assert.equal(hasInputs, true);
  });

  test('inputDrvs alone: kind unknown', () => {
    const { inputs, hasInputs } = normalized({ inputDrvs: { '/nix/store/a.drv': ['out'], '/nix/store/b.drv': {} } });
    assert.deepEqual(inputs, { ...none, unknown: ['/nix/store/a.drv', '/nix/store/b.drv'] });
    assert.equal(hasInputs, true);
  });

  test('an extraValue without lists does not hide inputDrvs', () => {
    const { inputs } = normalized({ extraValue: { pname: 'x' }, inputDrvs: { d: {} } });
    assert.deepEqual(inputs, { ...none, unknown: ['d'] });
  });

  test('no inputs at all, and none known', () => {
    assert.deepEqual(normalized({ extraValue: { buildInputs: [] } }).hasInputs, true);
    assert.deepEqual(normalized({ inputDrvs: {} }).hasInputs, true);
    assert.deepEqual(normalized({ extraValue: null, inputDrvs: null }).hasInputs, false);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cgroupLimits } from '../../src/evaluate/cgroup.ts';
import { readMachine, sizeEvaluation, type Machine } from '../../src/evaluate/sizing.ts';

const gibibyte = 1024 ** 3;

function files(contents: Record<string, string>): (path: string) => string | null {
  return (path) => contents[path] ?? null;
}

function machine(cores: number, memoryMiB: number): Machine {
  return { cores, memoryMiB, coresFrom: 'the test', memoryFrom: 'the test' };
}

const auto = { workers: 'auto', maxMemoryMiB: 'auto', timeoutMinutes: 'auto' } as const;

describe('what a process may use', () => {
  it('is the tightest limit of its version 2 groups, minus what cannot be dropped', () => {
    const limits = cgroupLimits(
      files({
        '/proc/self/cgroup': '0::/system.slice/fdnix.service\n',
        '/sys/fs/cgroup/system.slice/fdnix.service/memory.max': String(8 * gibibyte),
        '/sys/fs/cgroup/system.slice/fdnix.service/memory.high': 'max',
        '/sys/fs/cgroup/system.slice/fdnix.service/memory.current': String(3 * gibibyte),
        '/sys/fs/cgroup/system.slice/fdnix.service/memory.stat': `anon 1\ninactive_file ${gibibyte}\nactive_file ${gibibyte}\n`,
        '/sys/fs/cgroup/system.slice/fdnix.service/cpu.max': '150000 100000\n',
        '/sys/fs/cgroup/system.slice/memory.max': String(100 * gibibyte),
        '/sys/fs/cgroup/system.slice/cpu.max': 'max 100000\n',
      }),
    );
    assert.deepEqual(limits.memory, {
      bytes: 7 * gibibyte,
      from: '/sys/fs/cgroup/system.slice/fdnix.service/memory.max',
    });
    assert.equal(limits.cpus?.count, 2);
  });

  it("is a parent's limit where that is tighter", () => {
    const limits = cgroupLimits(
      files({
        '/proc/self/cgroup': '0::/a/b\n',
        '/sys/fs/cgroup/a/b/memory.max': String(8 * gibibyte),
        '/sys/fs/cgroup/a/memory.max': String(2 * gibibyte),
      }),
    );
    assert.equal(limits.memory?.bytes, 2 * gibibyte);
  });

  it('is read from version 1 groups as well, where "no limit" is a huge number', () => {
    const group = {
      '/proc/self/cgroup': '5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n0::/\n',
      '/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes': '9223372036854771712\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '400000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    };
    assert.deepEqual(cgroupLimits(files(group)).memory, null);
    assert.equal(cgroupLimits(files(group)).cpus?.count, 4);
    const limited = { ...group, '/sys/fs/cgroup/memory/memory.limit_in_bytes': String(gibibyte) };
    assert.equal(cgroupLimits(files(limited)).memory?.bytes, gibibyte);
  });

  it('is what the system has free where no group limits it', () => {
    const found = readMachine(files({ '/proc/meminfo': 'MemTotal: 9 kB\nMemAvailable:    2097152 kB\n' }));
    assert.deepEqual([found.memoryMiB, found.memoryFrom], [2048, 'MemAvailable']);
  });
});

describe('sizing an evaluation', () => {
  it('uses all cores where the memory allows it', () => {
    const sizing = sizeEvaluation(auto, machine(8, 64 * 1024));
    assert.equal(sizing.workers, 8);
    assert.equal(sizing.budgetMiB, 48 * 1024);
  });

  it('uses fewer workers rather than small ones', () => {
    assert.equal(sizeEvaluation(auto, machine(16, 6 * 1024)).workers, 1);
    assert.equal(sizeEvaluation(auto, machine(16, 16 * 1024)).workers, 4);
  });

  it('refuses workers that would not fit, and says how many do', () => {
    assert.throws(
      () => sizeEvaluation({ ...auto, workers: 8, maxMemoryMiB: 4096 }, machine(8, 65_536)),
      /8 workers do not fit into 4096 MiB.*use at most 3/,
    );
  });

  it('says when more memory is asked for than there is', () => {
    const more = sizeEvaluation({ ...auto, maxMemoryMiB: 14_000 }, machine(2, 4096));
    assert.match(more.excess ?? '', /maxMemoryMiB is 14000, but 4096 MiB are free \(the test\)/);
    assert.equal(sizeEvaluation({ ...auto, maxMemoryMiB: 4096 }, machine(2, 4096)).excess, null);
  });

  it('never plans for more than the budget', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 512 }),
        fc.integer({ min: 512, max: 4_000_000 }),
        fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1024, max: 4_000_000 })),
        (cores, memoryMiB, maxMemoryMiB) => {
          const sizing = sizeEvaluation({ ...auto, maxMemoryMiB }, machine(cores, memoryMiB));
          assert.ok(sizing.workers >= 1 && sizing.workers <= cores);
          assert.ok(sizing.workers * sizing.workerMiB <= sizing.budgetMiB);
          assert.ok(sizing.budgetMiB <= (maxMemoryMiB === 'auto' ? memoryMiB : maxMemoryMiB));
          assert.ok(sizing.timeoutMinutes >= 30);
        },
      ),
    );
  });
});

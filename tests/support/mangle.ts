/** Seeded damage to recorded lines, of the kinds that a broken disk, a killed writer or a hostile file would do. */

/** A number from 0 up to and without 1. */
export type Random = () => number;

/** Mulberry32: the same seed gives the same numbers. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function upTo(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}

function pick<T>(values: readonly T[], random: Random): T {
  const value = values[upTo(values.length, random)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

type Container = Record<string, unknown>;
type Slot = [holder: Container, key: string];

/** Every place in a JSON value that holds another value; lists count as objects with numbers for keys. */
function slotsOf(value: unknown, found: Slot[] = []): Slot[] {
  if (typeof value !== 'object' || value === null) return found;
  const holder: Container = Object(value);
  for (const key of Object.keys(holder)) {
    found.push([holder, key]);
    slotsOf(holder[key], found);
  }
  return found;
}

/** Parses the line, lets `change` loose on a random place of it, and prints it again. */
function changeSlot(line: string, random: Random, wanted: (value: unknown) => boolean, change: (slot: Slot) => void) {
  const job: unknown = JSON.parse(line);
  const slots = slotsOf(job).filter(([holder, key]) => wanted(holder[key]));
  // Fields near the root are few and matter most: every other time one of them.
  const near = slots.slice(0, 14);
  if (slots.length > 0) change(pick(random() < 0.5 ? near : slots, random));
  return JSON.stringify(job);
}

const anything = () => true;
const isString = (value: unknown) => typeof value === 'string';
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

function insert(text: string, piece: string, random: Random): string {
  const at = upTo(text.length + 1, random);
  return text.slice(0, at) + piece + text.slice(at);
}

function nested(depth: number, open: string, inner: string, close: string): string {
  return open.repeat(depth) + inner + close.repeat(depth);
}

const nestings: ((depth: number) => string)[] = [
  (depth) => nested(depth, '[', '', ']'),
  (depth) => nested(depth, '{"a":', '1', '}'),
  (depth) => nested(depth, '{"licenseType":"compound","operator":"AND","licenses":[', '"x"', ']}'),
  (depth) => nested(depth, '{"licenseType":"exception","operator":"WITH","license":', '"x"', '}'),
  (depth) => nested(depth, '{"license":', '"x"', '}'),
];

const placeholder = '@@nested@@';

const odd: unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  2 ** 53,
  1.5,
  '',
  ' ',
  'x',
  [],
  [[]],
  [null],
  {},
  { a: {} },
  ['x', 1],
];
const keys = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '', '\0', 'attr', 'error', 'meta'];
const attrs = [
  '',
  ' ',
  '.',
  'a..b',
  'a/../b',
  '"',
  '"a.b".c',
  '\n',
  '\0',
  '\ud800',
  '__proto__',
  'constructor',
  'a'.repeat(70_000),
];
const numbers = ['1e999', '-1e999', '1e-999', '-0', '9007199254740993', '123456789012345678901234567890'];

/** One kind of damage: to `line`, with `other` as another line of the same recording. */
type Mangle = (line: string, random: Random, other: string) => string | Buffer;

/** All kinds of damage, by name. */
const mangles = {
  none: (line) => line,
  truncate: (line, random) => line.slice(0, upTo(line.length, random)),
  cutFront: (line, random) => line.slice(upTo(line.length, random)),
  cutMiddle: (line, random) => line.slice(0, upTo(line.length, random)) + line.slice(upTo(line.length, random)),
  flipBytes: (line, random) => {
    const bytes = Buffer.from(line);
    for (let flips = 1 + upTo(8, random); flips > 0; flips -= 1) {
      const at = upTo(bytes.length, random);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << upTo(8, random));
    }
    return bytes;
  },
  otherType: (line, random) =>
    changeSlot(line, random, anything, ([holder, key]) => (holder[key] = structuredClone(pick(odd, random)))),
  numberForString: (line, random) =>
    changeSlot(line, random, isString, ([holder, key]) => (holder[key] = upTo(1e6, random))),
  arrayForObject: (line, random) =>
    changeSlot(line, random, isObject, ([holder, key]) => (holder[key] = Object.values(Object(holder[key])))),
  objectForArray: (line, random) =>
    changeSlot(line, random, Array.isArray, ([holder, key]) => (holder[key] = { ...Object(holder[key]) })),
  stringInArray: (line, random) =>
    changeSlot(line, random, isString, ([holder, key]) => (holder[key] = [holder[key], holder[key]])),
  withoutKey: (line, random) =>
    changeSlot(line, random, anything, ([holder, key]) => Reflect.deleteProperty(holder, key)),
  otherKey: (line, random) =>
    changeSlot(line, random, isObject, ([holder, key]) => {
      const name = pick(keys, random);
      Object.defineProperty(Object(holder[key]), name, {
        value: pick(odd, random),
        enumerable: true,
        configurable: true,
      });
    }),
  nul: (line, random) =>
    changeSlot(line, random, isString, ([holder, key]) => (holder[key] = insert(String(holder[key]), '\0', random))),
  loneSurrogate: (line, random) =>
    changeSlot(line, random, isString, ([holder, key]) => {
      holder[key] = insert(String(holder[key]), random() < 0.5 ? '\ud800' : '\udfff', random);
    }),
  controls: (line, random) =>
    changeSlot(line, random, isString, ([holder, key]) => {
      holder[key] = insert(String(holder[key]), '\u2028\u2029\u0085\r\n\t\u001b[31m\u202e', random);
    }),
  hugeString: (line, random) =>
    changeSlot(line, random, isString, ([holder, key]) => (holder[key] = 'huge '.repeat(60_000 * random() ** 4))),
  deepNesting: (line, random) => {
    const marked = changeSlot(line, random, anything, ([holder, key]) => (holder[key] = placeholder));
    return marked.replace(`"${placeholder}"`, () =>
      pick(nestings, random)(pick([10, 100, 1000, 1000, 20_000], random)),
    );
  },
  deepLicense: (line, random) => {
    const job: Container = JSON.parse(line);
    if (isObject(job['meta'])) Object(job['meta'])['license'] = placeholder;
    const marked = JSON.stringify(job);
    return marked.replace(`"${placeholder}"`, () => pick(nestings, random)(pick([3, 30, 300, 300, 15_000], random)));
  },
  strangeNumber: (line, random) => {
    const marked = changeSlot(line, random, anything, ([holder, key]) => (holder[key] = placeholder));
    return marked.replace(`"${placeholder}"`, () => pick(numbers, random));
  },
  strangeAttr: (line, random) => JSON.stringify({ ...JSON.parse(line), attr: pick(attrs, random) }),
  duplicateAttr: (line, _, other) => JSON.stringify({ ...JSON.parse(line), attr: JSON.parse(other).attr }),
  duplicateKeys: (line, _, other) => `${line.slice(0, -1)},${other.slice(1)}`,
  errorToo: (line, random) =>
    JSON.stringify({ ...JSON.parse(line), error: pick(['', 'error: x', '\0', '\ud800'], random) }),
  notAnObject: (_, random) =>
    pick(['null', '0', '""', '[]', '{}', 'true', '"attr"', '[{"attr":"x"}]', 'NaN', 'undefined'], random),
  byteOrderMark: (line) => `\uFEFF${line}`,
  carriageReturn: (line) => `${line}\r`,
  blank: (_, random) => pick(['', ' ', '\t', '\r', '\uFEFF', ' \r'], random),
  concatenated: (line, random, other) => line + pick(['', ' ', ',', '\r', '\u2028'], random) + other,
  lineBreakInside: (line, random) => insert(line, '\n', random),
  invalidUtf8: (line, random) => {
    const at = upTo(line.length, random);
    const broken = pick([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0xfe, 0xff]], random);
    return Buffer.concat([Buffer.from(line.slice(0, at)), Buffer.from(broken), Buffer.from(line.slice(at))]);
  },
} satisfies Record<string, Mangle>;

/** A recording of `count` damaged lines made from `lines`, as the bytes of a file. */
export function mangleRecording(lines: readonly string[], count: number, seed: number): Buffer {
  const random = randomFrom(seed);
  const kinds: Mangle[] = Object.values(mangles);
  const pieces: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const damaged = pick(kinds, random)(pick(lines, random), random, pick(lines, random));
    pieces.push(Buffer.from(damaged), Buffer.from('\n'));
  }
  return Buffer.concat(pieces);
}

/** The lines of a file that are more than white space, counted without the code under test. */
export function countLines(bytes: Buffer): number {
  const lines = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\n');
  return lines.filter((line) => /[^\s\uFEFF]/u.test(line)).length;
}

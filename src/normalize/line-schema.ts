const text = { type: ['string', 'null'] };
const flag = { type: ['boolean', 'null'] };
const textOrList = { type: ['string', 'null', 'array'], items: { type: 'string' } };
const texts = { type: ['array', 'null'], items: { type: 'string' } };
const drvPaths = { type: 'array', items: { type: 'string' } };
const anyList = { type: ['array', 'null'] };

const person = {
  type: ['object', 'string'],
  properties: { name: text, github: text, email: text, matrix: text },
};

const licenses = { type: ['array', 'null'], items: { $ref: '#/$defs/license' } };

/** A license, simple or compound to any depth (see `licenseDepth`). */
const license = {
  type: ['object', 'string'],
  properties: {
    spdxId: text,
    shortName: text,
    fullName: text,
    url: text,
    free: flag,
    redistributable: flag,
    licenses,
    operands: licenses,
    license: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/license' }] },
    exception: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/license' }] },
    operator: text,
  },
};

const meta = {
  type: ['object', 'null'],
  properties: {
    available: flag,
    broken: flag,
    unfree: flag,
    insecure: flag,
    unsupported: flag,
    description: text,
    longDescription: text,
    homepage: textOrList,
    changelog: textOrList,
    downloadPage: textOrList,
    license: { anyOf: [{ $ref: '#/$defs/license' }, licenses] },
    maintainers: { type: ['array', 'null'], items: person },
    teams: { type: ['array', 'null'], items: { type: 'object' } },
    platforms: anyList,
    mainProgram: text,
    position: text,
    outputsToInstall: texts,
    knownVulnerabilities: texts,
    sourceProvenance: anyList,
    identifiers: { type: ['object', 'null'] },
    priority: { type: ['number', 'string', 'null'] },
    version: text,
    name: text,
  },
};

/** The fields of a line that are used; all others may be anything. */
export const lineSchema = {
  $defs: { license },
  type: 'object',
  required: ['attr'],
  properties: {
    attr: { type: 'string', minLength: 1 },
    attrPath: { type: 'array', items: { type: 'string' } },
    name: text,
    system: { type: 'string' },
    drvPath: text,
    error: { type: 'string' },
    extraValue: {
      type: ['object', 'null'],
      properties: {
        pname: text,
        version: text,
        buildInputs: drvPaths,
        nativeBuildInputs: drvPaths,
        propagatedBuildInputs: drvPaths,
        propagatedNativeBuildInputs: drvPaths,
        repository: text,
        tests: drvPaths,
      },
    },
    inputDrvs: { type: ['object', 'null'] },
    meta,
  },
};

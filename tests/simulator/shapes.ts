/**
 * The shapes of Bedrock's batch interface, as far as the simulator knows them: it checks requests and its own answers
 * against them, and a test compares them with botocore's service models.
 */
export interface Shape {
  type: 'string' | 'integer' | 'long' | 'structure' | 'list' | 'timestamp';
  pattern?: string;
  min?: number;
  max?: number;
  enum?: readonly string[];
  required?: readonly string[];
  members?: Record<string, Shape>;
  member?: Shape;
}

const s3Uri: Shape = {
  type: 'string',
  min: 1,
  max: 1024,
  pattern: "s3://[a-z0-9][-.a-z0-9]{1,61}[a-z0-9](?:/[-!_*'().a-z0-9A-Z]+(?:/[-!_*'().a-z0-9A-Z]+)*)?/?",
};
const accountId: Shape = { type: 'string', pattern: '[0-9]{12}' };
const roleArn: Shape = { type: 'string', min: 0, max: 2048, pattern: 'arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+' };
const jobName: Shape = { type: 'string', min: 1, max: 63, pattern: '[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9\\+\\-\\.]){0,63}' };
const token: Shape = { type: 'string', min: 1, max: 256, pattern: '[a-zA-Z0-9]{1,256}(-*[a-zA-Z0-9]){0,256}' };
const count: Shape = { type: 'long', min: 0 };
const timestamp: Shape = { type: 'timestamp' };
const hours: Shape = { type: 'integer', min: 24, max: 168 };
const networkId: Shape = { type: 'string', min: 0, max: 32, pattern: '[-0-9a-zA-Z]+' };
const tagText = '[a-zA-Z0-9\\s._:/=+@-]*';

const jobArn: Shape = {
  type: 'string',
  min: 0,
  max: 1011,
  pattern: '(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:model-invocation-job/[a-z0-9]{12})',
};

const modelName =
  '([a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([.]?[a-z0-9-]{1,63})([:][a-z0-9-]{1,63}){0,2})|(([0-9a-zA-Z][_-]?)+)';

const modelId: Shape = {
  type: 'string',
  min: 1,
  max: 2048,
  pattern:
    '(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:(([0-9]{12}:custom-model/[a-z0-9-]{1,63}[.]{1}[a-z0-9-:]{1,63}/[a-z0-9]{12}$)' +
    `|(:foundation-model/${modelName}$)` +
    `|([0-9]{12}:(inference-profile|application-inference-profile)/[a-zA-Z0-9-:.]+$)))|${modelName}`,
};

const jobStatuses = [
  'Submitted',
  'InProgress',
  'Completed',
  'Failed',
  'Stopping',
  'Stopped',
  'PartiallyCompleted',
  'Expired',
  'Validating',
  'Scheduled',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

const status: Shape = { type: 'string', enum: jobStatuses };

const inputDataConfig: Shape = {
  type: 'structure',
  members: {
    s3InputDataConfig: {
      type: 'structure',
      required: ['s3Uri'],
      members: { s3InputFormat: { type: 'string', enum: ['JSONL'] }, s3Uri, s3BucketOwner: accountId },
    },
  },
};

const outputDataConfig: Shape = {
  type: 'structure',
  members: {
    s3OutputDataConfig: {
      type: 'structure',
      required: ['s3Uri'],
      members: {
        s3Uri,
        s3EncryptionKeyId: {
          type: 'string',
          min: 1,
          max: 2048,
          pattern:
            '(arn:aws(-[^:]+)?:kms:[a-zA-Z0-9-]*:[0-9]{12}:((key/[a-zA-Z0-9-]{36})|(alias/[a-zA-Z0-9-_/]+)))|([a-zA-Z0-9-]{36})|(alias/[a-zA-Z0-9-_/]+)',
        },
        s3BucketOwner: accountId,
      },
    },
  },
};

const vpcConfig: Shape = {
  type: 'structure',
  required: ['subnetIds', 'securityGroupIds'],
  members: {
    subnetIds: { type: 'list', min: 1, max: 16, member: networkId },
    securityGroupIds: { type: 'list', min: 1, max: 5, member: networkId },
  },
};

const modelInvocationType: Shape = { type: 'string', enum: ['InvokeModel', 'Converse'] };

const job: Record<string, Shape> = {
  jobArn,
  jobName,
  modelId,
  clientRequestToken: token,
  roleArn,
  status,
  message: { type: 'string', min: 0, max: 2048 },
  submitTime: timestamp,
  lastModifiedTime: timestamp,
  endTime: timestamp,
  inputDataConfig,
  outputDataConfig,
  vpcConfig,
  timeoutDurationInHours: hours,
  jobExpirationTime: timestamp,
  modelInvocationType,
  totalRecordCount: count,
  processedRecordCount: count,
  successRecordCount: count,
  errorRecordCount: count,
};

/** Input and output of each operation, named as the service names them. */
export const shapes = {
  CreateModelInvocationJobRequest: {
    type: 'structure',
    required: ['jobName', 'roleArn', 'modelId', 'inputDataConfig', 'outputDataConfig'],
    members: {
      jobName,
      roleArn,
      clientRequestToken: token,
      modelId,
      inputDataConfig,
      outputDataConfig,
      vpcConfig,
      timeoutDurationInHours: hours,
      tags: {
        type: 'list',
        min: 0,
        max: 200,
        member: {
          type: 'structure',
          required: ['key', 'value'],
          members: {
            key: { type: 'string', min: 1, max: 128, pattern: tagText },
            value: { type: 'string', min: 0, max: 256, pattern: tagText },
          },
        },
      },
      modelInvocationType,
    },
  },
  CreateModelInvocationJobResponse: { type: 'structure', required: ['jobArn'], members: { jobArn } },
  GetModelInvocationJobRequest: {
    type: 'structure',
    required: ['jobIdentifier'],
    members: {
      jobIdentifier: {
        type: 'string',
        min: 0,
        max: 1011,
        pattern: '((arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:model-invocation-job/)?[a-z0-9]{12})',
      },
    },
  },
  GetModelInvocationJobResponse: {
    type: 'structure',
    required: ['jobArn', 'modelId', 'roleArn', 'submitTime', 'inputDataConfig', 'outputDataConfig'],
    members: job,
  },
  ListModelInvocationJobsRequest: {
    type: 'structure',
    members: {
      submitTimeAfter: timestamp,
      submitTimeBefore: timestamp,
      statusEquals: status,
      nameContains: jobName,
      maxResults: { type: 'integer', min: 1, max: 1000 },
      nextToken: { type: 'string', min: 1, max: 2048, pattern: '\\S*' },
      sortBy: { type: 'string', enum: ['CreationTime'] },
      sortOrder: { type: 'string', enum: ['Ascending', 'Descending'] },
    },
  },
  ListModelInvocationJobsResponse: {
    type: 'structure',
    members: {
      nextToken: { type: 'string', min: 1, max: 2048, pattern: '\\S*' },
      invocationJobSummaries: {
        type: 'list',
        member: {
          type: 'structure',
          required: ['jobArn', 'jobName', 'modelId', 'roleArn', 'submitTime', 'inputDataConfig', 'outputDataConfig'],
          members: job,
        },
      },
    },
  },
} as const satisfies Record<string, Shape>;

/** What is wrong with a value, in the manner of the service's validation messages; empty where nothing is. */
export function violations(shape: Shape, value: unknown, path = ''): string[] {
  const at = path === '' ? 'request' : path;
  switch (shape.type) {
    case 'structure':
      return structureViolations(shape, value, at, path);
    case 'list': {
      if (!Array.isArray(value)) return [`Value at '${at}' must be a list`];
      const { min = 0, max = Infinity, member } = shape;
      const size =
        value.length < min || value.length > max ? [`Value at '${at}' must have ${min} to ${max} members`] : [];
      return [...size, ...value.flatMap((item, i) => (member ? violations(member, item, `${path}.${i}`) : []))];
    }
    case 'integer':
    case 'long': {
      if (typeof value !== 'number' || !Number.isInteger(value)) return [`Value at '${at}' must be an integer`];
      const { min = -Infinity, max = Infinity } = shape;
      return value < min || value > max ? [`Value '${value}' at '${at}' must be between ${min} and ${max}`] : [];
    }
    case 'timestamp':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value))
        ? []
        : [`Value at '${at}' must be a timestamp`];
    case 'string':
      return stringViolations(shape, value, at);
  }
}

function structureViolations(shape: Shape, value: unknown, at: string, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`Value at '${at}' must be an object`];
  const fields = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  const present = new Set(fields.map(([name]) => name));
  const missing = (shape.required ?? []).filter((name) => !present.has(name));
  return [
    ...missing.map(
      (name) =>
        `Value null at '${path ? `${path}.` : ''}${name}' failed to satisfy constraint: Member must not be null`,
    ),
    ...fields.flatMap(([name, field]) => {
      const member = shape.members?.[name];
      // The service ignores members that it does not know; a client that sends one has misread it.
      return member
        ? violations(member, field, path ? `${path}.${name}` : name)
        : [`Unknown member '${name}' at '${at}'`];
    }),
  ];
}

function stringViolations(shape: Shape, value: unknown, at: string): string[] {
  if (typeof value !== 'string') return [`Value at '${at}' must be a string`];
  const fail = (constraint: string) => [
    `Value '${value}' at '${at}' failed to satisfy constraint: Member must ${constraint}`,
  ];
  if (shape.enum && !shape.enum.includes(value)) return fail(`satisfy enum value set: [${shape.enum.join(', ')}]`);
  if (value.length < (shape.min ?? 0)) return fail(`have length greater than or equal to ${shape.min}`);
  if (value.length > (shape.max ?? Infinity)) return fail(`have length less than or equal to ${shape.max}`);
  if (shape.pattern && !new RegExp(`^(?:${shape.pattern})$`).test(value)) {
    return fail(`satisfy regular expression pattern: ${shape.pattern}`);
  }
  return [];
}

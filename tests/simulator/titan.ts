import { createHash } from 'node:crypto';

const model = 'amazon.titan-embed-text-v2:0';
/** Models of Bedrock that take calls and no batch jobs, as far as is known. */
const withoutBatch = /^cohere\.embed-/;

/** Why the service refuses a model in a batch job or a call; null where it is the one that is simulated, by its id or its ARN. */
export function modelRefusal(modelId: string, use: 'batch' | 'call'): string | null {
  const id = modelId.replace(/^arn:aws(-[^:]+)?:bedrock:[a-z0-9-]+::foundation-model\//, '');
  if (id === model) return null;
  if (!withoutBatch.test(id)) return 'The provided model identifier is invalid.';
  return use === 'batch'
    ? 'Batch inference is not supported for the requested model.'
    : `The simulator does not know the requests of ${id}.`;
}

/** The limits of Titan Text Embeddings V2. */
const maxTokens = 8192;
const maxChars = 50_000;

export interface TitanRequest {
  inputText: string;
  dimensions: number;
  normalize: boolean;
}

export interface TitanResponse {
  embedding: number[];
  embeddingsByType: { float: number[] };
  inputTextTokenCount: number;
}

/** The tokens that the simulator counts for a text: a function of its length, about 4.7 characters each. */
function tokensOf(text: string): number {
  return Math.max(1, Math.ceil(text.length / 4.7));
}

/** Checks a body of InvokeModel as the model does; returns the request, or the message of a ValidationException. */
export function parseTitanRequest(body: unknown): TitanRequest | string {
  if (typeof body !== 'object' || body === null)
    return 'Malformed input request, please reformat your input and try again.';
  const {
    inputText,
    dimensions = 1024,
    normalize = true,
    embeddingTypes = ['float'],
    ...unknown
  } = body as Record<string, unknown>;
  const [extra] = Object.keys(unknown);
  if (extra !== undefined) return `Malformed input request: #: extraneous key [${extra}] is not permitted`;
  if (typeof inputText !== 'string' || inputText.length === 0) {
    return 'Malformed input request: #/inputText: expected minLength: 1, actual: 0';
  }
  if (inputText.length > maxChars) return `Malformed input request: #/inputText: expected maxLength: ${maxChars}`;
  if (dimensions !== 1024 && dimensions !== 512 && dimensions !== 256) {
    return `Malformed input request: #/dimensions: ${String(dimensions)} is not a valid enum value`;
  }
  if (typeof normalize !== 'boolean') return 'Malformed input request: #/normalize: expected type: Boolean';
  if (!Array.isArray(embeddingTypes) || embeddingTypes.length !== 1 || embeddingTypes[0] !== 'float') {
    return 'The simulator knows embeddingTypes ["float"] alone';
  }
  const tokens = tokensOf(inputText);
  if (tokens > maxTokens) {
    return `400 Bad Request: Too many input tokens. Max input tokens: ${maxTokens}, request input token count: ${tokens} `;
  }
  return { inputText, dimensions, normalize };
}

/** The model's answer: a vector that is a function of the text, so that a mix-up shows. */
export function titan(request: TitanRequest): TitanResponse {
  const embedding = textVector(request.inputText, request.dimensions, request.normalize);
  return { embedding, embeddingsByType: { float: embedding }, inputTextTokenCount: tokensOf(request.inputText) };
}

/** Pseudo-random numbers drawn from the text's SHA-256 (xorshift128), scaled to length 1 where that is asked for. */
export function textVector(text: string, dimensions: number, normalize = true): number[] {
  const digest = createHash('sha256').update(text).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as [number, number, number, number];
  const vector = Array.from({ length: dimensions }, () => {
    let t = a ^ (a << 11);
    [a, b, c] = [b, c, d];
    t ^= t >>> 8;
    d = (d ^ (d >>> 19) ^ t) >>> 0;
    return d / 2 ** 31 - 1;
  });
  const scale = normalize ? 1 / Math.hypot(...vector) : 1;
  return vector.map((x) => Math.round(x * scale * 1e8) / 1e8);
}

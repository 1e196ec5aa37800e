/** A field of a protobuf message: its number, and its value as it stands on the wire. */
type WireField = { number: number; kind: 'integer'; value: bigint } | { number: number; kind: 'bytes'; value: Buffer };

/** The fields of a protobuf message, in their order; fixed-width ones are passed over. Throws where it breaks off. */
function* wireFields(message: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    switch (tag & 7) {
      case 0:
        yield { number, kind: 'integer', value: varint() };
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        if (at + length > message.length) throw new RangeError('a protobuf field is longer than its message');
        yield { number, kind: 'bytes', value: message.subarray(at, at + length) };
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw new RangeError(`protobuf wire type ${tag & 7} is unknown`);
    }
  }
}

/** All nested messages, or byte strings, with a field number. */
export function bytesFields(message: Buffer, number: number): Buffer[] {
  return [...wireFields(message)].flatMap((field) =>
    field.number === number && field.kind === 'bytes' ? [field.value] : [],
  );
}

/** The integer with a field number, or undefined where it is absent. */
export function integerField(message: Buffer, number: number): bigint | undefined {
  const found = [...wireFields(message)].find((field) => field.number === number && field.kind === 'integer');
  return found?.kind === 'integer' ? found.value : undefined;
}

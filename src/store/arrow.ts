import { createRequire } from 'node:module';
import type * as Arrow from 'apache-arrow';

// LanceDB loads the CommonJS build of apache-arrow and compares types by instance; the ES module build would be another
// copy whose tables LanceDB takes apart and puts together wrongly.
const require = createRequire(import.meta.url);

/** The very instance of apache-arrow that LanceDB uses. */
export const arrow = require('apache-arrow') as typeof Arrow;

interface BoolAssembler {
  visitBool: (data: Arrow.Data<Arrow.Bool>) => unknown;
}

// It leaves the bits of a column of booleans out where all are null, and LanceDB then refuses the whole batch.
const { VectorAssembler } = require('apache-arrow/visitor/vectorassembler') as {
  VectorAssembler: { prototype: BoolAssembler };
};
const { visitBool } = VectorAssembler.prototype;
VectorAssembler.prototype.visitBool = function withBits(this: BoolAssembler, data) {
  const allNull = data.length > 0 && data.nullCount >= data.length;
  return visitBool.call(this, allNull ? (Object.create(data, { nullCount: { value: 0 } }) as typeof data) : data);
};

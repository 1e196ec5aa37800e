import { createRequire } from 'node:module';
import type * as Arrow from 'apache-arrow';

// LanceDB loads the CommonJS build of apache-arrow and compares types by instance; the ES module build would be another
// copy whose tables LanceDB takes apart and puts together wrongly.
const require = createRequire(import.meta.url);

/** The very instance of apache-arrow that LanceDB uses. */
export const arrow = require('apache-arrow') as typeof Arrow;

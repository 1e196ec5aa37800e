import { utf8 } from '../column.ts';
import type { TableSpec } from '../table.ts';

/** Table `errors`: what did not evaluate, and lines that are no job. */
export const errorsTable: TableSpec = {
  name: 'errors',
  columns: {
    attribute_path: { type: utf8, nullable: true, doc: 'The attribute path; null for a line that names none.' },
    system: { type: utf8, doc: 'The evaluated system.' },
    class: {
      type: utf8,
      doc: 'Kind of error: `missing-attribute`, `unsupported`, `throw`, …; `invalid` and `duplicate` for lines.',
    },
    message: { type: utf8, doc: 'What Nix printed, or what is wrong with the line.' },
  },
};

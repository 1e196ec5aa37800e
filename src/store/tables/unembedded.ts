import { bool, utf8 } from '../column.ts';
import type { TableSpec } from '../table.ts';

/** A row of table `unembedded`. */
export interface UnembeddedRow {
  package_id: string;
  content_hash: string;
  reason: string;
  waits: boolean;
}

/** Table `unembedded`: the packages that have no vector, and why. */
export const unembeddedTable: TableSpec = {
  name: 'unembedded',
  columns: {
    package_id: { type: utf8, doc: 'The package.' },
    content_hash: { type: utf8, doc: 'SHA-256 (hex) of its text.' },
    reason: { type: utf8, doc: 'Why it has no vector.' },
    waits: { type: bool, doc: 'Whether a later run will embed it; otherwise its text is refused.' },
  },
};

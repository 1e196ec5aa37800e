import { timestamp, utf8 } from '../column.ts';
import type { TableSpec } from '../table.ts';

/** A row of table `versions`. */
export interface VersionRow {
  package_id: string;
  version: string | null;
  revision: string | null;
  first_seen: Date;
}

/** Table `versions`: which version of a package was first seen when. */
export const versionsTable: TableSpec = {
  name: 'versions',
  columns: {
    package_id: { type: utf8, doc: 'Joins with `packages.package_id`, also for packages that are gone.' },
    version: { type: utf8, nullable: true, doc: 'The version.' },
    revision: { type: utf8, nullable: true, doc: 'Revision of nixpkgs in which it was first seen, where it is known.' },
    first_seen: { type: timestamp, doc: 'The run in which it was first seen.' },
  },
};

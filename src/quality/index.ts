import type { PackageRow } from '../model.ts';

/** The columns that quality looks at. */
export type QualityInput = Pick<
  PackageRow,
  | 'description'
  | 'long_description'
  | 'homepage'
  | 'urls'
  | 'license_expression'
  | 'maintainers'
  | 'teams'
  | 'main_program'
  | 'position'
  | 'broken'
  | 'insecure'
>;

/** One thing that a package's metadata should have, and its share of the whole. */
interface QualityPart {
  name: string;
  share: number;
  met: boolean;
}

interface Quality {
  /** 0 to 1, to two digits. */
  score: number;
  parts: QualityPart[];
}

/** What makes metadata good, and how much each part counts; the shares sum up to 1. */
const parts: { name: string; share: number; met: (row: QualityInput) => boolean }[] = [
  { name: 'description', share: 0.25, met: (row) => row.description !== null },
  { name: 'license', share: 0.15, met: (row) => row.license_expression !== null },
  { name: 'homepage', share: 0.15, met: (row) => row.homepage !== null },
  { name: 'maintainers', share: 0.15, met: (row) => row.maintainers.length > 0 || row.teams.length > 0 },
  { name: 'not broken', share: 0.1, met: (row) => !row.broken },
  { name: 'not insecure', share: 0.05, met: (row) => !row.insecure },
  { name: 'main program', share: 0.05, met: (row) => row.main_program !== null },
  { name: 'changelog', share: 0.04, met: (row) => row.urls.some((url) => url.type === 'changelog') },
  { name: 'long description', share: 0.03, met: (row) => row.long_description !== null },
  { name: 'position', share: 0.03, met: (row) => row.position !== null },
];

/** How complete a package's metadata is, with the parts that it follows from. */
export function qualityOf(row: QualityInput): Quality {
  const checked = parts.map(({ name, share, met }) => ({ name, share, met: met(row) }));
  const sum = checked.reduce((total, part) => total + (part.met ? part.share : 0), 0);
  return { score: Math.round(sum * 100) / 100, parts: checked };
}

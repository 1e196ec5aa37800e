import { inputKinds, type NormalizedPackage } from '../model.ts';

/**
 * How much a package's definition shows of the work that it is to build: ln(1 + distinct inputs) + ln(1 + lines before its metadata), to
 * two digits. What end users know well is large and has grown for years, also where nothing else of nixpkgs names it.
 */
export function effortOf({
  declared: { position },
  inputs,
}: Pick<NormalizedPackage, 'inputs'> & { declared: { position: string | null } }): number {
  const distinct = new Set<string>();
  for (const kind of inputKinds) for (const input of inputs[kind]) distinct.add(input);
  const lines = Number(/:(\d+)$/.exec(position ?? '')?.[1] ?? 0);
  return Math.round((Math.log1p(distinct.size) + Math.log1p(lines)) * 100) / 100;
}

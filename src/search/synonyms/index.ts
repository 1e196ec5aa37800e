import { development } from './development.ts';
import { media } from './media.ts';
import { network } from './network.ts';
import { scienceAndOffice } from './science-and-office.ts';
import { system } from './system.ts';

/**
 * Other words for the same thing. Descriptions of packages are a line each, so that the word which somebody types is often not the one
 * that was chosen: a group holds expressions, of one to three words, each of which finds the others in descriptions.
 */
export const synonyms: string[][] = [development, media, network, scienceAndOffice, system].flatMap((lines) =>
  lines
    .trim()
    .split('\n')
    .map((line) => line.split(', ')),
);

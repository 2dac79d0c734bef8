/** What the demonstration studio submits (product O-21): the tradable part of the open package `@wfcd/items` 1.1275.37 (MIT; names and texts
 *  are © Digital Extremes), facts only, no art, and the mapping under which it imports them. */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

export const CATALOGUE_CREDIT = 'Catalogue: @wfcd/items 1.1275.37 (MIT); names and texts © Digital Extremes';

export const DEMONSTRATION_GAME = {
  game_ref: 'demo',
  name: { zh: '星际战甲目录（演示）', en: 'Warframe catalogue (demonstration)' },
  approval_no: 'DEMO-ISBN-0000-0000-0',
} as const;

/** Kinds of SBX-2026-0001: every cut gem, all interchangeable. */
export const EXPERIMENT_CLASS_REFS = [
  '/Lotus/Types/Items/Gems/Deimos/DeimosCommonGemACutItem',
  '/Lotus/Types/Items/Gems/Deimos/DeimosCommonGemBCutItem',
  '/Lotus/Types/Items/Gems/Deimos/DeimosEidolonGemACutItem',
  '/Lotus/Types/Items/Gems/Deimos/DeimosEidolonGemBCutItem',
  '/Lotus/Types/Items/Gems/Deimos/DeimosRareGemACutItem',
  '/Lotus/Types/Items/Gems/Deimos/DeimosUncommonGemACutItem',
  '/Lotus/Types/Items/Gems/Solaris/SolarisCommonGemACutItem',
  '/Lotus/Types/Items/Gems/Solaris/SolarisCommonGemBCutItem',
  '/Lotus/Types/Items/Gems/Solaris/SolarisEidolonGemACutItem',
  '/Lotus/Types/Items/Gems/Solaris/SolarisEidolonGemBCutItem',
  '/Lotus/Types/Items/Gems/Solaris/SolarisRareGemACutItem',
  '/Lotus/Types/Items/Gems/Solaris/SolarisUncommonGemACutItem',
] as const;

/** One kind as the package has it; the import mapping reads the rest. */
export type CatalogueItem = {
  readonly uniqueName: string;
  readonly name: { readonly en: string; readonly zh?: string };
  readonly category: string;
  readonly type: string;
  readonly rarity: string | null;
};
export type Catalogue = { readonly items: readonly (CatalogueItem & Readonly<Record<string, unknown>>)[] };
export type CatalogueMapping = { readonly attributes: readonly unknown[]; readonly mapping: Readonly<Record<string, unknown>> };

const here = (name: string): URL => new URL(name, import.meta.url);

export async function readCatalogue(): Promise<Catalogue> {
  return JSON.parse(gunzipSync(await readFile(here('./catalogue-warframe.json.gz'))).toString('utf8')) as Catalogue;
}

export async function readCatalogueMapping(): Promise<CatalogueMapping> {
  return JSON.parse(await readFile(here('./catalogue-mapping.json'), 'utf8')) as CatalogueMapping;
}

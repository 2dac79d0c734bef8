/** Writes `public/art/sprite.svg`: the 73 pictures of Game Icons that `icon-map.json` names, and nothing of the package's 6 MB.
 *  Run by hand when the map changes: `node app/_client/build-sprite.ts`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import iconMap from './icon-map.json' with { type: 'json' };

const read = (specifier: string): { readonly icons: Readonly<Record<string, { readonly body: string }>> } =>
  JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(specifier)), 'utf8'));

const names = new Set<string>([iconMap.fallback, ...Object.values(iconMap.byType).map((entry) => entry.icon)]);
for (const table of [iconMap.byFacet, iconMap.byPart, iconMap.byCategory]) for (const name of Object.values(table)) names.add(name);

const { icons } = read('@iconify-json/game-icons/icons.json');
const symbols = [...names].sort().map((name) => {
  const icon = icons[name];
  if (icon === undefined) throw new Error(`game-icons has no picture named ${name}`);
  return `<symbol id="${name}" viewBox="0 0 512 512">${icon.body}</symbol>`;
});
const credit = `${iconMap.credit} (https://creativecommons.org/licenses/by/3.0/), https://game-icons.net`;
mkdirSync('public/art', { recursive: true });
writeFileSync('public/art/sprite.svg', `<svg xmlns="http://www.w3.org/2000/svg"><!-- ${credit} -->${symbols.join('')}</svg>\n`);

/**
 * Node reads the whole package.json of a package anew for each of its files that another one imports (`getPackageScopeConfig` in Node's
 * `internal/modules/package_json_reader`), and that of drizzle-orm, with the addresses of all its files, has 180 KB: half of the processor
 * time of every start. Its files name each other by their paths, all of them ES modules; so the path says it all.
 */
import { registerHooks } from 'node:module';

const INSIDE = '/node_modules/drizzle-orm/';

registerHooks({
  resolve(specifier, context, next) {
    const isNeighbour = specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.includes(INSIDE);
    if (!isNeighbour) return next(specifier, context);
    return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
  },
});

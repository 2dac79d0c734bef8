/** What changes results, or keeps the folders apart, is checked here; the message names the rule that was broken. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

type Source = { readonly file: string; readonly text: string; readonly imports: readonly string[] };

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDERS = ['app', 'server', 'sandbox', 'ledger', 'drizzle', 'test'] as const;

/** Our own TypeScript, by its path from the root. */
const sources: readonly Source[] = FOLDERS.flatMap(listSources);
const shipped = sources.filter(({ file }) => !file.startsWith('test/') && !isTest(file));

function isTest(file: string): boolean {
  return /\.test\.tsx?$|\.bench\.ts$/.test(file);
}

function listSources(folder: string): Source[] {
  const entries = readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(?:ts|tsx|mjs)$/.test(entry.name))
    .map((entry) => {
      const absolute = path.join(entry.parentPath, entry.name);
      const file = path.relative(ROOT, absolute);
      const text = readFileSync(absolute, 'utf8');
      return { file, text, imports: listImports(file, text) };
    });
}

/** What a file imports: our own files as paths from the root, packages by their name, type-only imports with `type:` before them. */
function listImports(file: string, text: string): readonly string[] {
  const statements = text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/g);
  return [...statements].map(([, isType, from, dynamic]) => {
    const target = from ?? dynamic ?? '';
    return `${isType === undefined ? '' : 'type:'}${resolveImport(file, target)}`;
  });
}

function resolveImport(file: string, target: string): string {
  if (target.startsWith('#')) return target.slice(1);
  if (target.startsWith('.')) return path.join(path.dirname(file), target);
  return `package:${target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.startsWith('node:') ? target : (target.split('/')[0] ?? target)}`;
}

type Boundary = {
  readonly rule: string;
  readonly from: RegExp;
  /** May be imported for types only, or at all. */
  readonly forbidden: RegExp;
  readonly typesAllowed?: boolean;
};

/** The table of style.md 3. */
const BOUNDARIES: readonly Boundary[] = [
  { rule: 'ledger imports nothing of ours but itself', from: /^ledger\//, forbidden: /^(app|server|sandbox|drizzle|test)\// },
  {
    rule: 'the ledger core runs in a browser: no Node modules and no packages outside crypto and codec',
    from: /^ledger\/(?!node\/|bin\/)/,
    forbidden: /^package:(?!@noble\/curves$|canonicalize$|sm-crypto$)/,
  },
  { rule: 'SM2 packages only in ledger/crypto', from: /^(?!ledger\/crypto\/)/, forbidden: /^package:(?:@noble\/curves|sm-crypto)$/ },
  { rule: 'canonicalize only in ledger/codec', from: /^(?!ledger\/codec\/)/, forbidden: /^package:canonicalize$/ },
  {
    rule: 'the ledger core never reaches into node or bin',
    from: /^ledger\/(?!node\/|bin\/)/,
    forbidden: /^ledger\/(?:node|bin)\//,
  },
  { rule: 'sandbox knows the ledger and itself', from: /^sandbox\//, forbidden: /^(app|server|drizzle|test)\// },
  {
    rule: 'sandbox is pure: decimal.js and nothing else',
    from: /^sandbox\/(?!reports\/(?:read-)?xml\.ts$)/,
    forbidden: /^package:(?!decimal\.js$)/,
  },
  { rule: 'XML is written in sandbox/reports/xml.ts', from: /^(?!sandbox\/reports\/xml\.ts$)/, forbidden: /^package:xmlbuilder2$/ },
  { rule: 'XML is read in sandbox/reports/read-xml.ts', from: /^(?!sandbox\/reports\/read-xml\.ts$)/, forbidden: /^package:saxes$/ },
  {
    rule: 'decimals live in sandbox/parameters/decimal.ts',
    from: /^(?!sandbox\/parameters\/decimal\.ts$)/,
    forbidden: /^package:decimal\.js$/,
  },
  {
    rule: 'drizzle knows ledger/primitives only',
    from: /^drizzle\//,
    forbidden: /^(app|server|sandbox|test)\/|^ledger\/(?!primitives\/|index\.ts)/,
  },
  { rule: 'server never imports pages', from: /^server\//, forbidden: /^app\// },
  { rule: 'the matching engine is pure', from: /^server\/matching\//, forbidden: /^(?!server\/matching\/|ledger\/primitives\/)/ },
  {
    rule: 'the SDK stands alone',
    from: /^server\/sdk\//,
    forbidden: /^(app|sandbox|drizzle|test)\/|^server\/(?!sdk\/)|^package:/,
    typesAllowed: true,
  },
  { rule: 'pages see types of the server, never its code', from: /^app\//, forbidden: /^(server|drizzle)\//, typesAllowed: true },
  { rule: 'nothing shipped imports test', from: /^(app|server|sandbox|ledger|drizzle)\//, forbidden: /^test\// },
];

test.each(BOUNDARIES)('boundary: $rule', ({ from, forbidden, typesAllowed = false }) => {
  const broken = shipped
    .filter(({ file }) => from.test(file))
    .flatMap(({ file, imports }) =>
      imports
        .map((target) => ({ target: target.replace(/^type:/, ''), isType: target.startsWith('type:') }))
        .filter(({ target, isType }) => forbidden.test(target) && !(isType && typesAllowed))
        .map(({ target }) => `${file} imports ${target}`),
    );
  expect(broken).toEqual([]);
});

type Forbidden = { readonly rule: string; readonly pattern: RegExp; readonly home: RegExp };

/** Words are searched outside comments and strings of prose as far as a line-based search can tell. */
const FORBIDDEN: readonly Forbidden[] = [
  {
    rule: 'time comes from server/clock.ts, in the browser from app/_client/clock.ts',
    pattern: /\bDate\.now\(|new Date\(\)/,
    home: /^server\/(?:clock\.ts|up\.mjs)$|^app\/_client\/clock\.ts$/,
  },
  { rule: 'randomness comes from server/random.ts', pattern: /\bMath\.random\(/, home: /^$/ },
  { rule: 'no floats from text', pattern: /\bparseFloat\(|\.toFixed\(/, home: /^sandbox\/parameters\/decimal\.ts$/ },
  { rule: 'the log is server/log.ts', pattern: /\bconsole\./, home: /^$/ },
  { rule: 'no `any`', pattern: /:\s*any\s*[,;)=[\]|&>{]|\bas any\b|<any>/, home: /^$/ },
  { rule: 'no ignored types', pattern: /@ts-ignore|@ts-nocheck|@ts-expect-error|eslint-disable/, home: /^$/ },
  { rule: 'no leftovers', pattern: /\bTODO\b|\bFIXME\b|\bXXX\b/, home: /^$/ },
];

test.each(FORBIDDEN)('forbidden: $rule', ({ pattern, home }) => {
  const found = shipped
    .filter(({ file }) => !home.test(file))
    .flatMap(({ file, text }) =>
      text
        .split('\n')
        .map((line, index) => ({ line: line.replace(/^\s*(?:\/\/|\*|\/\*).*$/, ''), place: `${file}:${index + 1}` }))
        .filter(({ line }) => pattern.test(line))
        .map(({ line, place }) => `${place} ${line.trim()}`),
    );
  expect(found).toEqual([]);
});

test('file names are kebab-case and folders have no drawers', () => {
  const names = sources.map(({ file }) => file).filter((file) => !file.startsWith('app/'));
  const strange = names.filter((file) => !/^(?:[a-z0-9_.-]+\/)*[a-z0-9.-]+$/.test(file));
  const drawers = names.filter((file) => /\/(?:src|lib|utils?|common|shared|helpers?)(?:\/|\.ts)/.test(file));
  expect([...strange, ...drawers]).toEqual([]);
});

test('every file is imported by somebody', () => {
  const entries =
    /^(?:server\/(?:main|build-verifier|worker)\.ts|server\/(?:up|quick-imports)\.mjs|server\/cli\/index\.ts|ledger\/bin\/|drizzle\/schema\/|drizzle\/[a-z-]+\.ts$|app\/|.*worker\.ts$)/;
  const imported = new Set(sources.flatMap(({ imports }) => imports.map((target) => target.replace(/^type:/, ''))));
  const spawned = sources.flatMap(({ text }) => [...text.matchAll(/['"/]([a-z-]+\.ts)['"]/g)].map(([, name]) => name));
  const orphans = shipped.filter(({ file }) => !entries.test(file) && !imported.has(file) && !spawned.includes(path.basename(file)));
  expect(orphans.map(({ file }) => file)).toEqual([]);
});

test('no import goes through a folder that does not exist', () => {
  const known = new Set(sources.map(({ file }) => file));
  const missing = sources.flatMap(({ file, imports }) =>
    imports
      .map((target) => target.replace(/^type:/, ''))
      .filter((target) => /^(?:app|server|sandbox|ledger|drizzle|test)\/.*\.tsx?$/.test(target) && !known.has(target))
      .map((target) => `${file} imports ${target}`),
  );
  expect(missing).toEqual([]);
});

/** An optional platform package that the registry did not serve is dropped without a word, and then `npm ci` refuses the lockfile. */
test('the lockfile names every optional platform package', () => {
  const lock: unknown = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  const packages = recordOf(recordOf(lock).packages);
  const missing = Object.entries(packages).flatMap(([place, entry]) =>
    Object.keys(recordOf(recordOf(entry).optionalDependencies ?? {}))
      .filter((name) => !isLocked(packages, place, name))
      .map((name) => `${place === '' ? 'root' : place}: ${name}`),
  );
  expect(missing).toEqual([]);
});

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.fromEntries(Object.entries(value));
  throw new Error('package-lock.json has another shape');
}

/** npm looks for a package beside its user, then in each folder above. */
function isLocked(packages: Readonly<Record<string, unknown>>, place: string, name: string): boolean {
  for (let base = place; ; base = base.includes('/node_modules/') ? base.slice(0, base.lastIndexOf('/node_modules/')) : '') {
    if (packages[`${base === '' ? '' : `${base}/`}node_modules/${name}`] !== undefined) return true;
    if (base === '') return false;
  }
}

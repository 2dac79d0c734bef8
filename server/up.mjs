// The launcher behind every npm script. It runs under any Node >= 18 and needs no package: it installs what the lockfile
// names, goes on under the pinned Node 24, builds the pages when their sources changed, and then does the job.
// Progress goes to stderr: stdout belongs to the job, so that `npm run --silent cli -- … --json` can be piped.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

const SOURCE_FOLDERS = ['app', 'server', 'sandbox', 'ledger', 'drizzle', 'public'];
const BUILT_FILES = ['public/verifier'];
const COUNTS_FILE = '.data/test-counts';
const RESULT_FILE = '.data/test-result.json';

const startedAt = performance.now();
const say = (message) => process.stderr.write(`[${Math.round((performance.now() - startedAt) / 100) / 10}s] ${message}\n`);

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function runToEnd(command, args, env, stdio = ['inherit', 2, 'inherit']) {
  const result = spawnSync(command, args, { stdio, env });
  if (result.error) fail(`couldn't run ${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/** True when npm's own record in node_modules (written last, so never by an interrupted install) holds what the lockfile names. */
function isInstalled() {
  const record = 'node_modules/.package-lock.json';
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  const isWanted = ([name, entry]) => (present[name] === undefined ? entry.optional === true : present[name].version === entry.version);
  return (
    Object.entries(wanted)
      .filter(([name]) => name !== '')
      .every(isWanted) && Object.keys(present).every((name) => wanted[name] !== undefined)
  );
}

function installPackages() {
  if (isInstalled()) return;
  say('installing packages (npm ci) ...');
  const [command, before] = process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath]] : ['npm', []];
  const status = runToEnd(command, [...before, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], { ...process.env, NODE_ENV: '' });
  if (status !== 0) {
    // What is left of node_modules lacks npm's record, so the next run installs again.
    rmSync('node_modules/.package-lock.json', { force: true });
    fail('The packages could not be installed (see above). Nothing is half done: run the same command again.');
  }
  say('packages installed');
}

/** The Node of the lockfile (Linux x64 and arm64), else the one at hand if it is new enough. */
function pinnedNode() {
  const local = path.join(root, 'node_modules', '.bin', 'node');
  if (existsSync(local)) return local;
  if (Number(process.versions.node.split('.')[0]) < 24) fail(`Daoju needs Node 24 or newer (here: ${process.version}).`);
  return process.execPath;
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? listFiles(path.join(folder, entry.name)) : [path.join(folder, entry.name)]))
    .filter((file) => !/\.test\.tsx?$/.test(file) && !BUILT_FILES.some((built) => file.startsWith(built)))
    .sort();
}

function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files.filter(existsSync)) hash.update(file).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

/** Builds the verifier bundle and the pages when a source changed since the last complete build. */
function buildPages(node, env) {
  const stamp = '.next/up-stamp';
  const wanted = fingerprint([
    ...SOURCE_FOLDERS.flatMap(listFiles),
    'package-lock.json',
    'next.config.ts',
    'proxy.ts',
    'postcss.config.mjs',
    'tsconfig.json',
  ]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(stamp, { force: true });
  if (existsSync('server/build-verifier.ts')) {
    say('building the offline verifier ...');
    if (runToEnd(node, ['server/build-verifier.ts'], env) !== 0) fail('The verifier could not be built (see above).');
  }
  if (existsSync('app')) {
    say('building pages (next build) ...');
    if (runToEnd(node, ['node_modules/next/dist/bin/next', 'build'], { ...env, NODE_ENV: 'production' }) !== 0)
      fail('The pages could not be built (see above).');
    writeFileSync(stamp, wanted);
    say('pages built');
  }
}

/** Goes on as another program: its exit code is ours, and signals reach it. */
function become(node, args, env) {
  const child = spawn(node, args, { stdio: 'inherit', env });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // On a terminal Ctrl-C has already reached the child, which shares our process group.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

/** Runs the tests and leaves `N passed, N failed` in COUNTS_FILE for `.ci/run`; a run that broke off counts as one failure. */
function runTests(node, env, args) {
  mkdirSync('.data', { recursive: true });
  rmSync(RESULT_FILE, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${RESULT_FILE}`];
  const status = runToEnd(node, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args], env, 'inherit');
  const counts = readCounts();
  // A run that broke off has no result at all, or a good one and a bad exit code.
  const failed = status !== 0 && counts.failed === 0 ? 1 : counts.failed;
  writeFileSync(COUNTS_FILE, `${counts.passed} passed, ${failed} failed\n`);
  process.stdout.write(`${counts.passed} passed, ${failed} failed\n`);
  process.exit(status === 0 && failed > 0 ? 1 : status);
}

/** A suite that could not be loaded has no failed test of its own and counts as one. */
function readCounts() {
  if (!existsSync(RESULT_FILE)) return { passed: 0, failed: 0 };
  const result = JSON.parse(readFileSync(RESULT_FILE, 'utf8'));
  const isBroken = (suite) => suite.status === 'failed' && !suite.assertionResults.some((test) => test.status === 'failed');
  return { passed: result.numPassedTests, failed: result.numFailedTests + result.testResults.filter(isBroken).length };
}

/** Types, format and lint, floating promises, boundaries, forbidden calls and the lockfile: every step runs, all must pass. */
function runCheck(node, env) {
  const bin = (name) => path.join('node_modules', '.bin', name);
  // Next declares what pages import (styles, routes); on a fresh clone nobody has asked it yet.
  if (existsSync('app') && !existsSync('next-env.d.ts')) runToEnd(node, ['node_modules/next/dist/bin/next', 'typegen'], env);
  const steps = [
    ['types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.check.json']],
    ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
    ['promises', bin('oxlint'), ['--type-aware', '--deny-warnings', '-c', '.oxlintrc.json', ...SOURCE_FOLDERS.filter(existsSync), 'test']],
    ['boundaries, forbidden calls, lockfile', node, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'tidy']],
  ];
  const failed = steps.filter(([name, command, args]) => {
    say(`check: ${name}`);
    return runToEnd(command, args, env, 'inherit') !== 0;
  });
  for (const [name] of failed) say(`failed: ${name}`);
  process.exit(failed.length === 0 ? 0 : 1);
}

const [job = '', ...args] = process.argv.slice(2);
const JOBS = {
  start: (node, env) => {
    buildPages(node, env);
    become(node, ['server/main.ts', ...args], { ...env, NODE_ENV: 'production' });
  },
  dev: (node, env) => become(node, ['server/main.ts', '--dev', ...args], { ...env, NODE_ENV: 'development' }),
  build: (node, env) => buildPages(node, env),
  test: (node, env) => {
    rmSync(COUNTS_FILE, { force: true });
    buildPages(node, env);
    runTests(node, env, args);
  },
  check: (node, env) => runCheck(node, env),
  cli: (node, env) => become(node, ['server/cli/index.ts', ...args], env),
  bench: (node, env) => become(node, ['test/bench/index.ts', ...args], env),
  drill: (node, env) => become(node, ['test/drill/index.ts', ...args], env),
  vectors: (node, env) => become(node, ['test/vectors/generate.ts', ...args], env),
  model: (node, env) => become(node, ['test/model/index.ts', ...args], env),
  sim: (node, env) => become(node, ['test/simulation/index.ts', ...args], env),
  'demo-traffic': (node, env) => become(node, ['server/cli/index.ts', 'demo-traffic', ...args], env),
  'demo-reset': (node, env) => become(node, ['server/cli/index.ts', 'demo-reset', ...args], env),
};

const run = JOBS[job];
if (run === undefined) fail(`usage: node server/up.mjs ${Object.keys(JOBS).join('|')} [arguments]`);
installPackages();
run(pinnedNode(), {
  ...process.env,
  PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH ?? ''}`,
  NEXT_TELEMETRY_DISABLED: '1',
  // Every process after the first reads its modules compiled and without types: it starts in half of the processor time.
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${new URL('quick-imports.mjs', import.meta.url)}`.trim(),
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, 'node_modules', '.cache', 'node'),
});

/** CHROMIUM_PATH, or the Chromium that the lockfile pins: no download, no package manager, unpacked once and atomically. */
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

export async function launchBrowser(): Promise<Browser> {
  // Chromium refuses its sandbox as root; everything a test opens is ours.
  const args = process.getuid?.() === 0 ? [...FLAGS, '--no-sandbox'] : FLAGS;
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined) return chromium.launch({ executablePath: given, args });
  const folder = await unpackChromium();
  return chromium.launch({ executablePath: path.join(folder, 'chromium'), args, env: chromiumEnvironment(folder) });
}

async function unpackChromium(): Promise<string> {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..');
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
  const folder = path.resolve(`node_modules/.cache/chromium-${version}`);
  if (existsSync(path.join(folder, 'chromium'))) return folder;
  const making = `${folder}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const binary = createWriteStream(path.join(making, 'chromium'), { mode: 0o755 });
  await pipeline(createReadStream(path.join(root, 'bin', 'chromium.br')), createBrotliDecompress(), binary);
  for (const archive of ['al2023.tar.br', 'swiftshader.tar.br', 'fonts.tar.br']) {
    // tar stops reading at its end mark: judge it by its exit status, never by the pipe ('Premature close').
    const input = brotliDecompressSync(readFileSync(path.join(root, 'bin', archive)));
    const tar = spawnSync('tar', ['-x', '-C', making], { input, stdio: ['pipe', 'inherit', 'inherit'] });
    if (tar.status !== 0) throw new Error(`couldn't unpack ${archive}: ${tar.status ?? tar.error}`);
  }
  writeFileSync(
    path.join(making, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/fontcache</cachedir></fontconfig>`,
  );
  try {
    renameSync(making, folder);
  } catch (error) {
    // Somebody else was quicker; theirs may be running already.
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(path.join(folder, 'chromium'))) throw error;
  }
  return folder;
}

/** The package's own fonts everywhere: a slim image has none, and then every text has no size and counts as hidden. */
function chromiumEnvironment(folder: string): Record<string, string> {
  const env: Record<string, string> = { FONTCONFIG_FILE: path.join(folder, 'fonts.conf') };
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined && !(name in env)) env[name] = value;
  // NSS, NSPR and expat of the package only where the system lacks them.
  if (spawnSync(path.join(folder, 'chromium'), ['--version']).status !== 0) env.LD_LIBRARY_PATH = path.join(folder, 'lib');
  return env;
}

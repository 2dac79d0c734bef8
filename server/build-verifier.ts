/**
 * Builds `public/verifier/verify.html`: the offline verifier as one file that anybody can save, mail or print a hash of (P-44).
 * Its content policy allows the one script and the one style inside and no request at all.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const MAX_GZIPPED = 60 * 1024;

const STANDALONE_CSS = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; }
body { margin: 0; background: var(--plane, #eff2f3); }
@media (prefers-color-scheme: dark) {
  :root { --plane: #0e1114; --card: #161a1f; --sunk: #11151a; --line: #272e35; --line-strong: #6d7984; --ink: #e9eef1; --ink-2: #b3bec7;
    --accent: #5fc6d5; --accent-ink: #06222a; --accent-soft: #11333b; --red: #ff8b80; --red-soft: #3a1a18; --green: #5fce97;
    --green-soft: #10301f; --amber: #f0b955; --amber-soft: #362708; }
}
.pv-head { display: flex; justify-content: space-between; align-items: center; gap: 1rem; }
`;

export interface VerifierBundle {
  readonly html: string;
  readonly gzippedBytes: number;
}

/** The whole file as text. Throws when it would be larger than a phone on a bad line should load. */
export async function bundleVerifier(): Promise<VerifierBundle> {
  const bundled = await build({
    entryPoints: [path.join(ROOT, 'app/verify/standalone.ts')],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
  });
  const [output] = bundled.outputFiles;
  if (output === undefined) throw new Error('esbuild gave no output');
  // A closing tag inside a string would end the script element.
  const script = output.text.replaceAll('</', '<\\/').trim();
  const style = `${STANDALONE_CSS}${readFileSync(path.join(ROOT, 'app/verify/verify.css'), 'utf8')}`;
  const html = pageOf(script, style);
  const gzippedBytes = gzipSync(html, { level: 9 }).length;
  if (gzippedBytes > MAX_GZIPPED) throw new Error(`the verifier has ${gzippedBytes} bytes gzipped, at most ${MAX_GZIPPED} are allowed`);
  return { html, gzippedBytes };
}

const policyHash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

function pageOf(script: string, style: string): string {
  const policy = `default-src 'none'; img-src data:; script-src ${policyHash(script)}; style-src ${policyHash(style)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>离线验证</title>
<style>${style}</style>
</head>
<body>
<main class="pv">
<div class="pv-head"><h1 id="pv-title">离线验证</h1><button type="button" class="pv-button" id="pv-other">English</button></div>
<p class="pv-lead" id="pv-lead"></p>
<div class="pv-form" id="pv-form"></div>
</main>
<script>${script}</script>
</body>
</html>
`;
}

if (import.meta.main) {
  const { html, gzippedBytes } = await bundleVerifier();
  const folder = path.join(ROOT, 'public/verifier');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'verify.html'), html);
  // The evidence package quotes this hash, and a court compares it.
  writeFileSync(path.join(folder, 'verify.html.sm3'), `${toHex(sm3(new TextEncoder().encode(html)))}  verify.html\n`);
  process.stderr.write(`public/verifier/verify.html: ${html.length} characters, ${gzippedBytes} bytes gzipped\n`);
}

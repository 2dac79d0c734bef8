/** The readable reference of the studios' API (product T-10, T-15): one page without scripts, made from the same routes and schemas as the
 *  OpenAPI document, so that none of the three can drift from the others. */
import { z } from 'zod';
import { LIMITS } from './limits.ts';
import { PROBLEMS } from './problems.ts';
import type { Route } from './router.ts';

const STATES = `
  POST / PATCH / PUT ──► accepted ──► sequenced ──► certified
        │                  (checked)   (place in     (q of n members have signed:
        │                               the ledger)   there is a receipt; this is success)
        └──► rejected      a problem with code, trace_id, fields or rows; nothing was written
             and a sequenced write that the members refuse is rejected too: what stood before stands again`;

const SIGNING = `
  content-digest:   sm3=:BASE64(SM3(body)):
  signature-input:  sig1=("@method" "@path" "@query" "content-digest");created=UNIX;nonce="…";keyid="…";alg="sm2-sm3"
  signature:        sig1=:BASE64(r‖s, 64 bytes):         SM2 with SM3 under the default id 1234567812345678
  created may differ by 120 s from our clock; a nonce is taken once in 10 minutes. Reads take  Authorization: Bearer KEY`;

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

export function referencePage(routes: readonly Route[]): string {
  const calls = [...routes].sort((a, b) => (a.path === b.path ? 0 : a.path < b.path ? -1 : 1));
  const limits = Object.entries(LIMITS).map(([access, { standard, partner }]) => [access, `${standard}/min`, `${partner}/min`]);
  const problems = Object.entries(PROBLEMS).map(([code, { status, en, zh }]) => [code, String(status), en, zh]);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Daoju studio API · 厂商接口</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem}pre{overflow-x:auto;background:#f3f3f1;padding:1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:start;vertical-align:top}code{font-size:.92em}</style>
<h1>Daoju studio API <code>/api/v1</code></h1>
<p>The same as data: <a href="/api/v1/openapi.json">openapi.json</a>. Ids and fen are strings. Additions are announced, removals 12 months ahead.
Every write has a <code>reference_id</code>, once for ever: the same reference and body get the first answer again with <code>replayed: true</code>, another body
is a 409 <code>reference_conflict</code> with the differences. <code>dry_run: true</code> checks everything and writes nothing.
<code>Prefer: wait=10</code> waits for certification. A list gives <code>limit</code> up to 200 rows a page, <code>next_cursor</code> and
<code>snapshot</code>, the ledger height that all its pages belong to; after 15 minutes 410 <code>snapshot_gone</code>.</p>
<h2>States of a write</h2><pre>${escapeHtml(STATES.slice(1))}</pre>
<h2>Signing</h2><pre>${escapeHtml(SIGNING.slice(1))}</pre>
<h2>Calls</h2>${calls.map(callOf).join('\n')}
<h2>Limits</h2>${tableOf(['access', 'standard', 'partner'], limits)}
<h2>Problems</h2>${tableOf(['code', 'status', 'sentence', '说明'], problems)}</html>`;
}

function callOf({ method, path, summary, access, schema, query }: Route): string {
  const fields = [...fieldsOf(schema), ...fieldsOf(query ?? null)];
  const body = fields.length === 0 ? '' : tableOf(['field', 'type', 'meaning'], fields);
  return `<h3><code>${method} /api/v1${escapeHtml(path)}</code></h3><p>${escapeHtml(summary)} · ${access}</p>${body}`;
}

/** Of an object's first level; what lies deeper stands in the document. */
function fieldsOf(schema: z.ZodType | null): readonly (readonly string[])[] {
  if (schema === null) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, field]) => {
    const facts = typeof field === 'object' ? field : {};
    const kind = facts.enum?.join(' | ') ?? (Array.isArray(facts.type) ? facts.type.join(' | ') : (facts.type ?? 'object'));
    return [`${name}${required.includes(name) ? ' *' : ''}`, String(kind), facts.description ?? ''];
  });
}

function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${row(heads, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table>`;
}

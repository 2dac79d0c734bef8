/** The exit report on paper: the same figures as its JSON, whose hash stands at the foot. The type is cut from the fonts that the pages use,
 *  to the characters that occur. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { ExitReport } from '#sandbox/experiments/exit-report.ts';

const FONTS = '@fontsource-variable/noto-sans-sc';
const LATIN = '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2';
const find = createRequire(import.meta.url);

/** The package ships no types. */
type Cutter = (
  font: Uint8Array,
  text: string,
  options: { readonly targetFormat: 'truetype'; readonly variationAxes: Readonly<Record<string, number>> },
) => Promise<Buffer>;
const cutter: unknown = find('subset-font');
function isCutter(value: unknown): value is Cutter {
  return typeof value === 'function';
}

type Line = { readonly size: number; readonly text: string };

export async function reportPdf(report: ExitReport, bodyHash: string): Promise<Bytes> {
  const lines = linesOf(report, bodyHash);
  const fonts = await cutFonts(lines.map(({ text }) => text).join(''));
  const document = new PDFDocument({
    size: 'A4',
    margin: 48,
    font: '',
    info: { Title: `${report.experimentId} exit report`, CreationDate: new Date(0) },
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => document.on('end', resolve).on('error', reject));
  for (const { name, data } of fonts) document.registerFont(name, data);
  for (const { size, text } of lines) writeLine(document, fonts, size, text);
  document.end();
  await ended;
  return new Uint8Array(Buffer.concat(chunks));
}

type Cut = { readonly name: string; readonly data: Buffer; has(character: string): boolean };

/** Runs of one font after another on the same line. */
function writeLine(document: InstanceType<typeof PDFDocument>, fonts: readonly Cut[], size: number, text: string): void {
  const runs: { font: string; text: string }[] = [];
  for (const character of text === '' ? ' ' : text) {
    const font = (fonts.find((each) => each.has(character)) ?? fonts[0])?.name ?? '';
    const last = runs.at(-1);
    if (last?.font === font) last.text += character;
    else runs.push({ font, text: character });
  }
  for (const [index, run] of runs.entries()) {
    document
      .font(run.font)
      .fontSize(size)
      .text(run.text, { continued: index < runs.length - 1 });
  }
}

async function cutFonts(text: string): Promise<readonly Cut[]> {
  const wanted = new Set(text);
  const pieces: [name: string, file: string, ranges: string][] = [['latin', LATIN, 'U+0-FF,U+2000-206F']];
  const index: unknown = JSON.parse(readFileSync(find.resolve(`${FONTS}/unicode.json`), 'utf8'));
  for (const [subset, ranges] of Object.entries(Object(index))) {
    const name = subset.replace(/[[\]]/g, '');
    if (typeof ranges === 'string') pieces.push([name, `${FONTS}/files/noto-sans-sc-${name}-wght-normal.woff2`, ranges]);
  }
  assert(isCutter(cutter), 'subset-font exports one function');
  const cuts: Cut[] = [];
  for (const [name, file, ranges] of pieces) {
    const has = inRanges(ranges);
    const own = [...wanted].filter((character) => has(character)).join('');
    if (own === '') continue;
    for (const character of own) wanted.delete(character);
    const data = await cutter(readFileSync(find.resolve(file)), own, { targetFormat: 'truetype', variationAxes: { wght: 400 } });
    cuts.push({ name, data, has: (character) => own.includes(character) });
  }
  return cuts;
}

function inRanges(ranges: string): (character: string) => boolean {
  const bounds = ranges.split(',').map((range) => {
    const [from = '', to = from] = range.replace(/^U\+/i, '').split('-');
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)] as const;
  });
  return (character) => {
    const point = character.codePointAt(0) ?? 0;
    return bounds.some(([from, to]) => point >= from && point <= to);
  };
}

function linesOf(report: ExitReport, bodyHash: string): readonly Line[] {
  const lines: Line[] = [];
  const title = (text: string) => lines.push({ size: 13, text: '' }, { size: 13, text });
  const line = (text: string) => lines.push({ size: 9, text });
  lines.push(
    { size: 18, text: `退出报告 Exit report ${report.experimentId}` },
    { size: 12, text: `${report.title.zh} ${report.title.en}` },
  );
  if (report.simulatedAuthorization !== null) line(`${report.simulatedAuthorization.zh} ${report.simulatedAuthorization.en}`);
  line(`${report.outcome} · ${report.exit} · ${report.period.start} – ${report.period.end}`);
  line(report.hypothesis);
  title('分组 Arms');
  for (const { id, share, people, overrides } of report.arms) {
    line(`${id} ${share} · ${people} · ${overrides.map(({ path, value }) => `${path} = ${String(value)}`).join(', ')}`);
  }
  title('结果 Results');
  for (const { kpi, arm, n, value, low, high, target, guardrail } of report.results) {
    const interval = low === null || high === null ? '' : ` [${low}; ${high}]`;
    const bounds = [target, guardrail].flatMap((each) => (each === null ? [] : [`${each.bound}: ${each.judgement}`])).join(' · ');
    line(`${kpi} · ${arm} · n = ${n} · ${value ?? '—'}${interval} · ${bounds}`);
  }
  line(report.note.zh);
  line(report.note.en);
  title('警报与停止 Alerts and stops');
  for (const { detector, count, confirmed } of report.alerts) line(`${detector}: ${count} (${confirmed})`);
  for (const { when, action, value, bound, unit } of report.stops) line(`${when} · ${action} · ${value} / ${bound} ${unit}`);
  for (const { when, action, at } of report.fired) line(`${at} ${when} · ${action}`);
  title('资金（分）与订单 Money (fen) and orders');
  for (const [name, value] of [...Object.entries(report.money), ...Object.entries(report.orders)]) line(`${name}: ${value}`);
  title('经过 Steps');
  for (const { at, from, to, reason, txId } of report.transitions) line(`${at} ${from ?? ''} → ${to} ${reason} ${txId ?? ''}`);
  title('数据 Data');
  for (const { name, rows, sm3 } of report.data.digests) line(`${name}: ${rows} · SM3 ${sm3}`);
  line(`SM3 ${bodyHash}`);
  return lines;
}

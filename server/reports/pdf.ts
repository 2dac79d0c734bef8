/** Paper: lines and tables as PDF, the same bytes for the same content. The type is cut from the fonts that the pages use, to the characters
 *  that occur. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';

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

export type Line = { readonly size: number; readonly text: string };
/** The first column is text and takes what the others leave; the others are figures, each as wide as given, set to the right. */
export type Row = { readonly cells: readonly [string, ...string[]]; readonly width: number };
export type Block = Line | Row;

const MARGIN = 48;
const CELL_SIZE = 8;
const ROW_HEIGHT = 14;
type Paper = InstanceType<typeof PDFDocument>;

export async function writePdf(title: string, blocks: readonly Block[]): Promise<Bytes> {
  const fonts = await cutFonts(blocks.map((block) => ('text' in block ? block.text : block.cells.join(''))).join(''));
  const document = new PDFDocument({ size: 'A4', margin: MARGIN, font: '', info: { Title: title, CreationDate: new Date(0) } });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => document.on('end', resolve).on('error', reject));
  for (const { name, data } of fonts) document.registerFont(name, data);
  for (const block of blocks) {
    if ('text' in block) writeLine(document, fonts, block);
    else writeRow(document, fonts, block);
  }
  document.end();
  await ended;
  return new Uint8Array(Buffer.concat(chunks));
}

type Cut = { readonly name: string; readonly data: Buffer; has(character: string): boolean };
type Run = { readonly font: string; text: string };

/** Pieces of one font after another on the same line. */
function runsOf(fonts: readonly Cut[], text: string): readonly Run[] {
  const runs: Run[] = [];
  for (const character of text === '' ? ' ' : text) {
    const font = (fonts.find((each) => each.has(character)) ?? fonts[0])?.name ?? '';
    const last = runs.at(-1);
    if (last?.font === font) last.text += character;
    else runs.push({ font, text: character });
  }
  return runs;
}

function writeLine(document: Paper, fonts: readonly Cut[], { size, text }: Line): void {
  const runs = runsOf(fonts, text);
  for (const [index, run] of runs.entries()) {
    document
      .font(run.font)
      .fontSize(size)
      .text(run.text, { continued: index < runs.length - 1 });
  }
}

function writeRow(document: Paper, fonts: readonly Cut[], { cells, width }: Row): void {
  if (document.y + ROW_HEIGHT > document.page.height - MARGIN) document.addPage();
  const y = document.y;
  const end = document.page.width - MARGIN;
  for (const [index, cell] of cells.entries()) {
    const runs = runsOf(fonts, cell).map((run) => ({ ...run, width: document.font(run.font).fontSize(CELL_SIZE).widthOfString(run.text) }));
    const full = runs.reduce((sum, run) => sum + run.width, 0);
    let x = index === 0 ? MARGIN : end - (cells.length - 1 - index) * width - full;
    for (const run of runs) {
      document.font(run.font).fontSize(CELL_SIZE).text(run.text, x, y, { lineBreak: false });
      x += run.width;
    }
  }
  document.x = MARGIN;
  document.y = y + ROW_HEIGHT;
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

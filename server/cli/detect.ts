/** `cli detect FILE`: runs the detectors of the pack over a table of trades or transfers. Needs no server and no database. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { PACK_CN_2026_1 } from '#sandbox/packs/cn/pack-2026-1.ts';
import type { Fact } from '#sandbox/surveillance/facts.ts';
import { type Alert, createSurveillance } from '#sandbox/surveillance/surveillance.ts';
import { createFactReader, DETECT_KINDS, type DetectKind } from './detect-facts.ts';
import { CsvRefusal, readCsv } from './read-csv.ts';

export type DetectOptions = {
  /** `-`: standard input. */
  readonly file: string;
  readonly kind: string;
  readonly isJson: boolean;
  readonly stdin: Readable;
  readonly write: (text: string) => void;
  readonly warn: (text: string) => void;
};

/** What a program reads; `detector` is the name, `ruleId` the number in the rulebook. */
export type AlertRow = {
  readonly alertId: string;
  readonly detector: string;
  readonly ruleId: string;
  readonly typology: string;
  readonly score: number;
  readonly tradeIds: readonly string[];
  readonly accountRefs: readonly string[];
  readonly explanation: string;
};

/** Whoever waits for a large file sees on stderr how far it is. */
const TELL_EACH = 100_000;

/** The exit code: 0 judged, alerts or not; 2 the input was refused. */
export async function runDetect({ file, kind, isJson, stdin, write, warn }: DetectOptions): Promise<0 | 2> {
  const refuse = (code: string, line: number | null, detail: string) => {
    write(isJson ? `${JSON.stringify({ error: code, line, detail })}\n` : '');
    warn(`${code}${line === null ? '' : ` at line ${line}`}: ${detail}`);
    return 2 as const;
  };
  if (!isKind(kind)) return refuse('kind_unknown', null, `${kind}: expected ${Object.keys(DETECT_KINDS).join(' or ')}`);
  try {
    const { facts, extra } = await readFacts(file === '-' ? stdin : createReadStream(file), kind, warn);
    if (extra.length > 0) warn(`columns passed over: ${extra.join(', ')}`);
    const alerts = detectAll(facts, warn).map(rowOf);
    write(isJson ? `${JSON.stringify({ alerts })}\n` : alerts.map(describe).join(''));
    warn(`${facts.length} rows, ${alerts.length} alerts`);
    return 0;
  } catch (error) {
    if (error instanceof CsvRefusal) return refuse(error.code, error.line, error.detail);
    if (error instanceof Error && 'syscall' in error) return refuse('file_unreadable', null, error.message);
    throw error;
  }
}

function isKind(kind: string): kind is DetectKind {
  return Object.hasOwn(DETECT_KINDS, kind);
}

/** Detectors read a stream in time order; rows of one moment keep the order of the file. @throws {CsvRefusal} */
export async function readFacts(
  stream: Readable,
  kind: DetectKind,
  tell: (text: string) => void = () => undefined,
): Promise<{ readonly facts: readonly Fact[]; readonly extra: readonly string[] }> {
  const { rows, extra } = await readCsv(stream, DETECT_KINDS[kind]);
  const read = createFactReader(kind);
  const facts: Fact[] = [];
  const lines = new Map<string, number>();
  for await (const row of rows) {
    const fact = read(row);
    const before = lines.get(fact.id);
    if (before !== undefined) throw new CsvRefusal('row_id_twice', row.line, `${fact.id.slice(0, 60)} is also on line ${before}`);
    lines.set(fact.id, row.line);
    facts.push(fact);
    if (facts.length % TELL_EACH === 0) tell(`read ${facts.length} rows`);
  }
  return { facts: facts.sort((a, b) => a.at - b.at), extra };
}

/** Strongest first; equal scores by id, so that the answer has one order. */
export function detectAll(facts: readonly Fact[], tell: (text: string) => void = () => undefined): readonly Alert[] {
  const surveillance = createSurveillance(PACK_CN_2026_1);
  for (const [i, fact] of facts.entries()) {
    surveillance.take(fact);
    if ((i + 1) % TELL_EACH === 0) tell(`judged ${i + 1} of ${facts.length} rows, ${surveillance.list().length} alerts so far`);
  }
  surveillance.close();
  return surveillance.list().toSorted((a, b) => b.score - a.score || (a.alertId < b.alertId ? -1 : 1));
}

export function rowOf(alert: Alert): AlertRow {
  return {
    alertId: alert.alertId,
    detector: alert.name,
    ruleId: alert.detector,
    typology: alert.typology,
    score: alert.score,
    tradeIds: alert.tradeIds,
    accountRefs: alert.accountRefs,
    explanation: alert.explanation.en,
  };
}

function describe({ score, ruleId, detector, explanation, tradeIds }: AlertRow): string {
  return `${String(score).padStart(3)}  ${ruleId} ${detector}: ${explanation}  [${tradeIds.slice(0, 5).join(' ')}${tradeIds.length > 5 ? ` +${tradeIds.length - 5}` : ''}]\n`;
}

/** Values of a camt.053 as their elements write them: amounts, dates, switches; anything else is refused at its line. */
import { type Instant, instant, isCalendarDate, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import type { CamtRefusalCode } from './camt-grammar.ts';
import type { ReadNode } from './read-xml.ts';

export type RefusalFacts = Readonly<Record<string, string>>;

/** Hostile or corrupt bytes, with the line where it shows. */
export class CamtRefused extends Error {
  readonly code: CamtRefusalCode;
  readonly line: number;
  readonly facts: RefusalFacts;
  constructor(code: CamtRefusalCode, line: number, facts: RefusalFacts = {}) {
    super(`${code} at line ${line}`);
    this.code = code;
    this.line = line;
    this.facts = facts;
  }
}

export const all = (node: ReadNode, name: string): readonly ReadNode[] => node.children.filter((child) => child.name === name);

export function find(node: ReadNode, name: string): ReadNode | null {
  const [first = null, second] = all(node, name);
  if (second !== undefined) throw new CamtRefused('camt_element_doubled', second.line, { element: name });
  return first;
}

export function get(node: ReadNode, name: string): ReadNode {
  const child = find(node, name);
  if (child === null) throw new CamtRefused('camt_element_missing', node.line, { element: `${node.name}/${name}` });
  return child;
}

/** Down a path whose elements may each be left out. */
export function findPath(node: ReadNode | null, ...names: readonly string[]): ReadNode | null {
  return names.reduce<ReadNode | null>((at, name) => (at === null ? null : find(at, name)), node);
}

const MAX_VALUE = 400;
const malformed = ({ name, line, text }: ReadNode): CamtRefused =>
  new CamtRefused('camt_value_malformed', line, { element: name, value: text.slice(0, 40) });

export function textOf(node: ReadNode): string {
  if (node.text === '' || node.text.length > MAX_VALUE) throw malformed(node);
  return node.text;
}
export const textOrNull = (node: ReadNode | null): string | null => (node === null ? null : textOf(node));

const DECIMAL = /^\+?(\d{0,18})(?:\.(\d{0,17}))?$/;

/** Fen of a decimal number of yuan, exactly. */
export function parseAmount(node: ReadNode): bigint {
  const [, whole, fraction = ''] = DECIMAL.exec(node.text) ?? [];
  if (whole === undefined || whole + fraction === '') throw malformed(node);
  if (fraction.length > 2) throw new CamtRefused('camt_amount_decimals', node.line, { element: node.name, value: node.text });
  return BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0'));
}

export function moneyOf(parent: ReadNode): bigint {
  const node = get(parent, 'Amt');
  requireYuan(node, node.attributes.get('Ccy') ?? '');
  return parseAmount(node);
}

export function requireYuan({ name, line }: ReadNode, currency: string): void {
  if (currency !== 'CNY') throw new CamtRefused('camt_currency', line, { element: name, currency: currency.slice(0, 10) });
}

export function isCredit(parent: ReadNode): boolean {
  const node = get(parent, 'CdtDbtInd');
  if (node.text === 'CRDT') return true;
  if (node.text === 'DBIT') return false;
  throw malformed(node);
}

export function flagOf(node: ReadNode | null): boolean {
  if (node === null) return false;
  if (node.text === 'true' || node.text === '1') return true;
  if (node.text === 'false' || node.text === '0') return false;
  throw malformed(node);
}

export function countOf(node: ReadNode): number {
  if (!/^\d{1,15}$/.test(node.text)) throw malformed(node);
  return Number(node.text);
}

const ZONE = '(Z|[+-](?:0\\d|1[0-4]):[0-5]\\d)?';
const DATE = new RegExp(`^(\\d{4}-\\d\\d-\\d\\d)${ZONE}$`);
const MOMENT = new RegExp(`^(\\d{4}-\\d\\d-\\d\\d)T(\\d\\d:[0-5]\\d:[0-5]\\d)(\\.\\d+)?${ZONE}$`);
const BEIJING = '+08:00';

export function dateOf(node: ReadNode): string {
  const [, date = ''] = DATE.exec(node.text) ?? [];
  if (!isCalendarDate(date) || date < '1971') throw malformed(node);
  return date;
}

/** A time without a zone is that of the bank, which stands in China. `24:00:00` is the next midnight. */
export function momentOf(node: ReadNode): Instant {
  const [, date = '', time = '', fraction = '', zone = BEIJING] = MOMENT.exec(node.text) ?? [];
  const isMidnight = time === '24:00:00';
  if (!isCalendarDate(date) || date < '1971' || !(isMidnight || time < '24')) throw malformed(node);
  const milliseconds = fraction.slice(0, 4).padEnd(4, fraction === '' ? '.000' : '0');
  const at = Date.parse(`${date}T${isMidnight ? '00:00:00' : time}${milliseconds}${zone}`);
  return instant(isMidnight ? at + DAY_MS : at);
}

const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;

/** Banks end a day at 23:59:59, with or without a fraction, or at the next midnight. */
export function endOf(node: ReadNode): Instant {
  const at = momentOf(node);
  const second = Math.floor(at / SECOND_MS);
  return second % 60 === 59 ? instant((second + 1) * SECOND_MS) : at;
}

export const endOfDate = (date: string): Instant => instant(startOfBeijingDate(date) + DAY_MS);

/**
 * Accounts of the market's customers at the payment institution as ISO 20022 statement and notifications (rulebook 8.3): the money of orders,
 * and all money in and out. camt.053.001.10 and camt.054.001.10, the versions whose public schemas the tests hold them to.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { amount, dateTime, direction, isoId, namedParty, privateParty } from './iso-20022.ts';
import type { Period } from './period.ts';
import { plainYuan } from './table.ts';
import { el, optional, writeXml, type XmlNode } from './xml.ts';

export type FundKind =
  | 'pay_in'
  | 'pay_out'
  | 'hold'
  | 'fee'
  | 'royalty'
  | 'payout'
  | 'tax_reserve'
  | 'release'
  | 'refund'
  | 'opening'
  | 'adjustment';

/** What a sale was assessed with, beside the seller's proceeds: nothing of it is taken from them here. */
export type EntryTax = {
  readonly baseFen: Fen;
  readonly totalFen: Fen;
  readonly lines: readonly { readonly typeCode: string; readonly percent: string; readonly baseFen: Fen; readonly amountFen: Fen }[];
};

export type FundEntry = {
  /** Unique in the statement. */
  readonly ref: string;
  /** The entry in the institution's books; a split of one has several here. */
  readonly source: string;
  readonly kind: FundKind;
  readonly at: Instant;
  readonly amountFen: Fen;
  /** Money came into the account. */
  readonly isCredit: boolean;
  readonly isReversal: boolean;
  readonly orderId: string | null;
  readonly tradeId: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** For whom it was paid in the end: the buyer behind a split, the seller behind a pay-in. */
  readonly ultimateFrom: string | null;
  readonly ultimateTo: string | null;
  readonly tax: EntryTax | null;
};

export type FundStatement = {
  readonly account: { readonly id: string; readonly name: string; readonly currency: string; readonly servicer: string };
  readonly period: Period;
  /** Numbered by period, from 1. */
  readonly sequence: number;
  /** A property of the facts (the height's time), not of the run: the same facts give the same bytes. */
  readonly createdAt: Instant;
  readonly openingFen: Fen;
  readonly closingFen: Fen;
  /** What our own books hold at the end of the period; null: they say nothing of this account. */
  readonly heldFen: Fen | null;
  readonly entries: readonly FundEntry[];
};

export type StatementSums = {
  readonly creditFen: Fen;
  readonly debitFen: Fen;
  /** Opening + credits − debits − closing: anything but zero is a break. */
  readonly diffFen: Fen;
  /** Closing less what our own books hold: anything but zero is a break as well. */
  readonly heldDiffFen: Fen;
};

export function sumStatement({ openingFen, closingFen, heldFen, entries }: FundStatement): StatementSums {
  const sum = (isCredit: boolean) =>
    fen(entries.filter((entry) => entry.isCredit === isCredit).reduce((total, entry) => total + entry.amountFen, 0n));
  const [creditFen, debitFen] = [sum(true), sum(false)];
  return {
    creditFen,
    debitFen,
    diffFen: fen(openingFen + creditFen - debitFen - closingFen),
    heldDiffFen: fen(heldFen === null ? 0n : closingFen - heldFen),
  };
}

/** The organisations that have an account of their own at the institution. */
const ORGANISATIONS: Readonly<Record<string, string>> = { operator: 'Daoju, operator', guarantee: 'Daoju, guarantee fund' };

function party(name: string, ref: string | null): XmlNode | null {
  if (ref === null) return null;
  const organisation = ORGANISATIONS[ref];
  return organisation === undefined ? privateParty(name, ref) : namedParty(name, organisation);
}

function parties({ from, to, ultimateFrom, ultimateTo }: FundEntry): XmlNode | null {
  const nodes = [party('Dbtr', from), party('UltmtDbtr', ultimateFrom), party('Cdtr', to), party('UltmtCdtr', ultimateTo)];
  return nodes.every((node) => node === null) ? null : el('RltdPties', nodes);
}

/** Ids are longer than the 35 characters of a reference, so the whole ones stand here too. */
function remittance({ orderId, tradeId }: FundEntry): XmlNode | null {
  const lines = [orderId, tradeId].filter((id) => id !== null).map((id) => el('Ustrd', id));
  return lines.length === 0 ? null : el('RmtInf', lines);
}

function taxOf({ tax }: FundEntry, currency: string): XmlNode | null {
  if (tax === null) return null;
  return el('Tax', [
    amount('TtlTaxblBaseAmt', tax.baseFen, currency),
    amount('TtlTaxAmt', tax.totalFen, currency),
    ...tax.lines.map(({ typeCode, percent, baseFen, amountFen }) =>
      el('Rcrd', [
        el('Tp', typeCode),
        el('TaxAmt', [el('Rate', percent), amount('TaxblBaseAmt', baseFen, currency), amount('TtlAmt', amountFen, currency)]),
      ]),
    ),
  ]);
}

const entryOf = (entry: FundEntry, currency: string): XmlNode => {
  assert(entry.amountFen > 0n, `entry ${entry.ref} moves money`);
  return el('Ntry', [
    el('NtryRef', isoId(entry.ref)),
    amount('Amt', entry.amountFen, currency),
    direction(entry.isCredit),
    entry.isReversal ? el('RvslInd', 'true') : null,
    el('Sts', [el('Cd', 'BOOK')]),
    el('BookgDt', [dateTime('DtTm', entry.at)]),
    el('ValDt', [dateTime('DtTm', entry.at)]),
    el('AcctSvcrRef', isoId(entry.source)),
    el('BkTxCd', [el('Prtry', [el('Cd', entry.kind.toUpperCase())])]),
    el('NtryDtls', [
      el('TxDtls', [
        el('Refs', [
          el('AcctSvcrRef', isoId(entry.source)),
          optional('EndToEndId', entry.orderId === null ? null : isoId(entry.orderId)),
          optional('TxId', entry.tradeId === null ? null : isoId(entry.tradeId)),
        ]),
        amount('Amt', entry.amountFen, currency),
        direction(entry.isCredit),
        parties(entry),
        remittance(entry),
        taxOf(entry, currency),
      ]),
    ]),
  ]);
};

/** By time, then reference: facts in any order give one file. */
const inOrder = (entries: readonly FundEntry[]) => entries.toSorted((a, b) => a.at - b.at || (a.ref < b.ref ? -1 : 1));

function balance(code: 'OPBD' | 'CLBD', value: Fen, date: string, currency: string): XmlNode {
  return el('Bal', [
    el('Tp', [el('CdOrPrtry', [el('Cd', code)])]),
    amount('Amt', fen(value < 0n ? -value : value), currency),
    direction(value >= 0n),
    el('Dt', [el('Dt', date)]),
  ]);
}

function accountOf({ account }: Pick<FundStatement, 'account'>): XmlNode {
  return el('Acct', [
    el('Id', [el('Othr', [el('Id', account.id)])]),
    el('Ccy', account.currency),
    el('Nm', account.name),
    el('Svcr', [el('FinInstnId', [el('Nm', account.servicer)])]),
  ]);
}

function summary({ entries }: FundStatement, { creditFen, debitFen }: StatementSums): XmlNode {
  const count = (isCredit: boolean) => String(entries.filter((entry) => entry.isCredit === isCredit).length);
  return el('TxsSummry', [
    el('TtlNtries', [el('NbOfNtries', String(entries.length)), el('Sum', plainYuan(fen(creditFen + debitFen)))]),
    el('TtlCdtNtries', [el('NbOfNtries', count(true)), el('Sum', plainYuan(creditFen))]),
    el('TtlDbtNtries', [el('NbOfNtries', count(false)), el('Sum', plainYuan(debitFen))]),
  ]);
}

function frame(statement: FundStatement): readonly XmlNode[] {
  const { period, createdAt } = statement;
  return [
    dateTime('CreDtTm', createdAt),
    el('FrToDt', [el('FrDtTm', toIso(period.from)), el('ToDtTm', toIso(period.before))]),
    accountOf(statement),
  ];
}

/** What does not add up, said in the file; nothing where all does. */
function differences({ diffFen, heldDiffFen }: StatementSums): string | null {
  const named = [
    ['reconciliationDiff', diffFen],
    ['closing less held', heldDiffFen],
  ] as const;
  const found = named.filter(([, value]) => value !== 0n).map(([name, value]) => `${name} ${plainYuan(value)}`);
  return found.length === 0 ? null : found.join('; ');
}

function documentOf(message: string, body: string, content: readonly XmlNode[]): string {
  return writeXml(el('Document', [el(body, content)], { xmlns: `urn:iso:std:iso:20022:tech:xsd:${message}.001.10` }));
}

const header = (id: string, createdAt: Instant) => el('GrpHdr', [el('MsgId', isoId(id)), dateTime('CreDtTm', createdAt)]);

/** One statement an account of the same period: opening, every entry, closing. */
export function writeStatements(statements: readonly [FundStatement, ...FundStatement[]]): string {
  const [{ period, createdAt }] = statements;
  const id = `STMT-${period.label}`;
  return documentOf('camt.053', 'BkToCstmrStmt', [header(id, createdAt), ...statements.map((statement) => statementOf(statement, id))]);
}

function statementOf(statement: FundStatement, id: string): XmlNode {
  const { period, openingFen, closingFen, account, sequence } = statement;
  const sums = sumStatement(statement);
  return el('Stmt', [
    el('Id', isoId(`${id}-${account.id}`)),
    el('ElctrncSeqNb', String(sequence)),
    ...frame(statement),
    balance('OPBD', openingFen, period.fromDate, account.currency),
    balance('CLBD', closingFen, period.fromDate, account.currency),
    summary(statement, sums),
    ...inOrder(statement.entries).map((entry) => entryOf(entry, account.currency)),
    optional('AddtlStmtInf', differences(sums)),
  ]);
}

/** One notification an event, as it went out when the event was booked; an account that rested says that nothing moved. */
export function writeNotifications(statements: readonly [FundStatement, ...FundStatement[]]): string {
  const [{ period, createdAt }] = statements;
  const notifications = statements.flatMap((statement) =>
    statement.entries.length === 0
      ? [restOf(statement)]
      : inOrder(statement.entries).map((entry, index) => notificationOf(statement.account, entry, index + 1)),
  );
  return documentOf('camt.054', 'BkToCstmrDbtCdtNtfctn', [header(`NTFN-${period.label}`, createdAt), ...notifications]);
}

function restOf(statement: FundStatement): XmlNode {
  const { period, account, sequence } = statement;
  return el('Ntfctn', [
    el('Id', isoId(`NTFN-${period.label}-${account.id}`)),
    el('ElctrncSeqNb', String(sequence)),
    ...frame(statement),
    summary(statement, sumStatement(statement)),
  ]);
}

function notificationOf(account: FundStatement['account'], entry: FundEntry, number: number): XmlNode {
  return el('Ntfctn', [
    el('Id', isoId(`NTFN-${account.id}-${entry.ref}`)),
    el('ElctrncSeqNb', String(number)),
    dateTime('CreDtTm', entry.at),
    accountOf({ account }),
    entryOf(entry, account.currency),
  ]);
}

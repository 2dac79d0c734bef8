/**
 * The payment institution's account of the market's customers as ISO 20022 statement and notifications (rulebook 8.3): money in and out of
 * the account, one entry a movement. camt.053.001.10 and camt.054.001.10, the versions whose public schemas the tests hold them to.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { amount, dateTime, direction, isoId, privateParty } from './iso-20022.ts';
import type { Period } from './period.ts';
import { plainYuan } from './table.ts';
import { el, optional, writeXml, type XmlNode } from './xml.ts';

export type FundEntry = {
  /** Unique in the institution's books. */
  readonly ref: string;
  readonly kind: 'pay_in' | 'pay_out' | 'refund' | 'hold' | 'split' | 'release';
  readonly at: Instant;
  readonly amountFen: Fen;
  /** Money came into the account. */
  readonly isCredit: boolean;
  readonly isReversal: boolean;
  readonly orderId: string | null;
  readonly tradeId: string | null;
  readonly fromRef: string | null;
  readonly toRef: string | null;
};

export type FundStatement = {
  readonly account: { readonly id: string; readonly name: string; readonly currency: string };
  readonly period: Period;
  /** Numbered by period, from 1. */
  readonly sequence: number;
  /** A property of the facts (the height's time), not of the run: the same facts give the same bytes. */
  readonly createdAt: Instant;
  readonly openingFen: Fen;
  readonly closingFen: Fen;
  readonly entries: readonly FundEntry[];
};

export type StatementSums = { readonly creditFen: Fen; readonly debitFen: Fen; readonly diffFen: Fen };

/** `diffFen` = opening + credits − debits − closing: anything but zero is a break. */
export function sumStatement({ openingFen, closingFen, entries }: FundStatement): StatementSums {
  const sum = (isCredit: boolean) =>
    fen(entries.filter((entry) => entry.isCredit === isCredit).reduce((total, entry) => total + entry.amountFen, 0n));
  const [creditFen, debitFen] = [sum(true), sum(false)];
  return { creditFen, debitFen, diffFen: fen(openingFen + creditFen - debitFen - closingFen) };
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
    el('AcctSvcrRef', isoId(entry.ref)),
    el('BkTxCd', [el('Prtry', [el('Cd', entry.kind.toUpperCase())])]),
    el('NtryDtls', [
      el('TxDtls', [
        el('Refs', [
          el('AcctSvcrRef', isoId(entry.ref)),
          optional('EndToEndId', entry.orderId === null ? null : isoId(entry.orderId)),
          optional('TxId', entry.tradeId === null ? null : isoId(entry.tradeId)),
        ]),
        amount('Amt', entry.amountFen, currency),
        direction(entry.isCredit),
        entry.fromRef === null && entry.toRef === null
          ? null
          : el('RltdPties', [
              entry.fromRef === null ? null : privateParty('Dbtr', entry.fromRef),
              entry.toRef === null ? null : privateParty('Cdtr', entry.toRef),
            ]),
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

function accountOf({ account }: FundStatement): XmlNode {
  return el('Acct', [el('Id', [el('Othr', [el('Id', account.id)])]), el('Ccy', account.currency), el('Nm', account.name)]);
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

const header = ({ createdAt }: FundStatement, id: string) => el('GrpHdr', [el('MsgId', isoId(id)), dateTime('CreDtTm', createdAt)]);

/** Opening, every entry, closing. */
export function writeStatement(statement: FundStatement): string {
  const { period, openingFen, closingFen, account, sequence } = statement;
  const id = `STMT-${period.label}`;
  const sums = sumStatement(statement);
  return writeXml(
    el(
      'Document',
      [
        el('BkToCstmrStmt', [
          header(statement, id),
          el('Stmt', [
            el('Id', isoId(`${id}-${account.id}`)),
            el('ElctrncSeqNb', String(sequence)),
            ...frame(statement),
            balance('OPBD', openingFen, period.fromDate, account.currency),
            balance('CLBD', closingFen, period.fromDate, account.currency),
            summary(statement, sums),
            ...inOrder(statement.entries).map((entry) => entryOf(entry, account.currency)),
            sums.diffFen === 0n ? null : el('AddtlStmtInf', `reconciliationDiff ${plainYuan(sums.diffFen)}`),
          ]),
        ]),
      ],
      { xmlns: 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.10' },
    ),
  );
}

/** The same entries as events, without balances. */
export function writeNotification(statement: FundStatement): string {
  const { period, account, sequence } = statement;
  const id = `NTFN-${period.label}`;
  return writeXml(
    el(
      'Document',
      [
        el('BkToCstmrDbtCdtNtfctn', [
          header(statement, id),
          el('Ntfctn', [
            el('Id', isoId(`${id}-${account.id}`)),
            el('ElctrncSeqNb', String(sequence)),
            ...frame(statement),
            summary(statement, sumStatement(statement)),
            ...inOrder(statement.entries).map((entry) => entryOf(entry, account.currency)),
          ]),
        ]),
      ],
      { xmlns: 'urn:iso:std:iso:20022:tech:xsd:camt.054.001.10' },
    ),
  );
}

/** The elements of camt.053 that are read (rulebook 8.3), of all versions at once; and the words in which a file is refused. */
import type { Instant } from '#ledger/primitives/instant.ts';
import { type Grammar, TEXT, XML_REFUSALS } from './read-xml.ts';

export const CAMT_VERSIONS = ['02', '06', '08', '10', '13'] as const;
export type CamtVersion = (typeof CAMT_VERSIONS)[number];

const OTHER: Grammar = { Othr: { Id: TEXT } };
const PARTY_NAME: Grammar = { Nm: TEXT, Id: { PrvtId: OTHER, OrgId: OTHER } };
/** Up to .06 the party itself, from .08 on a party or an agent. */
const PARTY: Grammar = { ...PARTY_NAME, Pty: PARTY_NAME, Agt: { FinInstnId: { Nm: TEXT } } };
const DATE: Grammar = { Dt: TEXT, DtTm: TEXT };
const COUNT: Grammar = { NbOfNtries: TEXT, Sum: TEXT };

const DETAILS: Grammar = {
  Refs: { EndToEndId: TEXT, TxId: TEXT, AcctSvcrRef: TEXT },
  RltdPties: { Dbtr: PARTY, UltmtDbtr: PARTY, Cdtr: PARTY, UltmtCdtr: PARTY },
  RmtInf: { Ustrd: TEXT },
};
const ENTRY: Grammar = {
  NtryRef: TEXT,
  Amt: TEXT,
  CdtDbtInd: TEXT,
  RvslInd: TEXT,
  // Up to .06 a plain code.
  Sts: { Cd: TEXT, Prtry: TEXT },
  BookgDt: DATE,
  AcctSvcrRef: TEXT,
  NtryDtls: { TxDtls: DETAILS },
};
export const CAMT_GRAMMAR: Grammar = {
  BkToCstmrStmt: {
    GrpHdr: { MsgPgntn: { PgNb: TEXT, LastPgInd: TEXT } },
    Stmt: {
      Id: TEXT,
      ElctrncSeqNb: TEXT,
      StmtPgntn: { PgNb: TEXT, LastPgInd: TEXT },
      FrToDt: { FrDtTm: TEXT, ToDtTm: TEXT },
      Acct: { Id: { IBAN: TEXT, Othr: { Id: TEXT } }, Ccy: TEXT },
      Bal: { Tp: { CdOrPrtry: { Cd: TEXT } }, Amt: TEXT, CdtDbtInd: TEXT, Dt: DATE },
      TxsSummry: { TtlNtries: COUNT, TtlCdtNtries: COUNT, TtlDbtNtries: COUNT },
      Ntry: ENTRY,
    },
  },
};

export const CAMT_REFUSALS = {
  ...XML_REFUSALS,
  camt_unknown: 'This is no camt.053 of version .001.02, .06, .08, .10 or .13.',
  camt_paged: 'The file is one page of several. Hand in all pages of the statement together.',
  camt_page_missing: 'A page of the statement is missing. Hand in all pages together.',
  camt_page_doubled: 'A page of the statement is there twice.',
  camt_page_after_last: 'A page comes after the one that calls itself the last.',
  camt_page_differs: 'A page names another account, period, number or version than the first page of its statement.',
  camt_page_balance: 'A page does not open with what the page before closed with.',
  camt_element_missing: 'An element that every statement needs is missing.',
  camt_element_doubled: 'An element stands twice where one is allowed.',
  camt_value_malformed: 'A value has another form than its element asks for.',
  camt_currency: 'An amount is in another currency than yuan (CNY).',
  camt_amount_decimals: 'An amount has more than two decimals.',
  camt_entry_doubled: 'Two entries of the statement have the same reference.',
  camt_statement_doubled: 'Two statements of the file have the same id, or the same account and period.',
  camt_summary_differs: 'Count or sum of the summary is not that of the entries.',
  camt_unbalanced: 'Opening balance, credits and debits do not give the closing balance.',
  camt_account_unknown: 'The statement is of an account that our books do not know: DAOJU-ORDERS or DAOJU-CUSTOMERS.',
  camt_not_over: 'The period of the statement has not ended yet.',
  camt_too_long: 'The statement covers more than 93 days. Ask for it in parts.',
} as const;
export type CamtRefusalCode = keyof typeof CAMT_REFUSALS;

export type ReadParty = { readonly name: string | null; readonly id: string | null };
export type ReadDetail = {
  readonly endToEndId: string | null;
  readonly txId: string | null;
  readonly servicerRef: string | null;
  readonly debtor: ReadParty | null;
  readonly ultimateDebtor: ReadParty | null;
  readonly creditor: ReadParty | null;
  readonly ultimateCreditor: ReadParty | null;
  readonly remittance: readonly string[];
};
export type ReadEntry = {
  readonly line: number;
  readonly ref: string | null;
  readonly amountFen: bigint;
  readonly isCredit: boolean;
  readonly isReversal: boolean;
  /** `BOOK`, `PDNG`, …; only what is booked is in the balances. */
  readonly status: string;
  /** Beijing date; the moment too where the bank tells it. Null: not booked. */
  readonly bookedOn: string | null;
  readonly bookedAt: Instant | null;
  readonly servicerRef: string | null;
  readonly details: readonly ReadDetail[];
};
export type ReadStatement = {
  readonly version: CamtVersion;
  readonly line: number;
  readonly id: string;
  readonly accountId: string;
  /** Up to, and without, `before`. */
  readonly from: Instant;
  readonly before: Instant;
  readonly openingFen: bigint;
  readonly closingFen: bigint;
  readonly entries: readonly ReadEntry[];
};

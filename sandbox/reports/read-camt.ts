/**
 * Reads a bank's statement: ISO 20022 camt.053.001.02, .06, .08, .10 and .13 into one plain shape (rulebook 8.3). The namespace says the version;
 * only the named elements are read. What does not add up in itself is refused with a code at its line, before anybody compares it. Pure.
 */
import { beijingDate, type Instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import {
  CAMT_GRAMMAR,
  CAMT_VERSIONS,
  type CamtVersion,
  type ReadDetail,
  type ReadEntry,
  type ReadParty,
  type ReadStatement,
} from './camt-grammar.ts';
import {
  all,
  CamtRefused,
  countOf,
  dateOf,
  endOf,
  endOfDate,
  find,
  findPath,
  flagOf,
  get,
  isCredit,
  momentOf,
  moneyOf,
  parseAmount,
  requireYuan,
  textOf,
  textOrNull,
} from './camt-values.ts';
import { type ReadNode, readXml, XmlRefused } from './read-xml.ts';

/** Some 50,000 entries. */
export const MOST_BYTES = 64 * 1024 * 1024;
const NAMESPACE = /^urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(\d\d)$/;
const BOOKED = 'BOOK';

/** @throws {CamtRefused} */
export function readCamt(bytes: Uint8Array, mostBytes = MOST_BYTES): readonly ReadStatement[] {
  const { document, version } = parseDocument(bytes, mostBytes);
  const body = get(document, 'BkToCstmrStmt');
  requireWhole(findPath(body, 'GrpHdr', 'MsgPgntn'));
  const nodes = all(body, 'Stmt');
  if (nodes.length === 0) throw new CamtRefused('camt_element_missing', body.line, { element: 'BkToCstmrStmt/Stmt' });
  const statements: ReadStatement[] = [];
  for (const node of nodes) {
    const read = statementOf(node, version);
    const isKnown = statements.some(({ id, accountId, from }) => id === read.id || (accountId === read.accountId && from === read.from));
    if (isKnown) throw new CamtRefused('camt_statement_doubled', node.line, { id: read.id });
    statements.push(read);
  }
  return statements;
}

function parseDocument(bytes: Uint8Array, mostBytes: number): { readonly document: ReadNode; readonly version: CamtVersion } {
  let version: CamtVersion | undefined;
  try {
    const document = readXml(bytes, mostBytes, (namespace, local, line) => {
      const [, named] = NAMESPACE.exec(namespace) ?? [];
      version = CAMT_VERSIONS.find((known) => known === named);
      if (version === undefined || local !== 'Document') throw new CamtRefused('camt_unknown', line, { namespace: namespace.slice(0, 80) });
      return CAMT_GRAMMAR;
    });
    if (version === undefined) throw new CamtRefused('camt_unknown', document.line);
    return { document, version };
  } catch (error) {
    if (error instanceof XmlRefused) throw new CamtRefused(error.code, error.line);
    throw error;
  }
}

/** A page of several has balances of its own, or none. */
function requireWhole(pagination: ReadNode | null): void {
  if (pagination === null) return;
  const isFirst = countOf(get(pagination, 'PgNb')) <= 1;
  if (!isFirst || !flagOf(get(pagination, 'LastPgInd'))) throw new CamtRefused('camt_paged', pagination.line);
}

function statementOf(node: ReadNode, version: CamtVersion): ReadStatement {
  requireWhole(find(node, 'StmtPgntn'));
  const account = get(node, 'Acct');
  const currency = find(account, 'Ccy');
  if (currency !== null) requireYuan(currency, currency.text);
  const [opening, closing] = [balanceOf(node, 'OPBD'), balanceOf(node, 'CLBD')];
  const entries = all(node, 'Ntry').map(entryOf);
  requireDistinct(entries);
  checkSummary(find(node, 'TxsSummry'), entries);
  const booked = sumOf(entries.filter(({ status }) => status === BOOKED));
  if (opening.fen + booked.creditFen - booked.debitFen !== closing.fen) {
    const computed = String(opening.fen + booked.creditFen - booked.debitFen);
    throw new CamtRefused('camt_unbalanced', closing.line, { computed, stated: String(closing.fen) });
  }
  return {
    version,
    line: node.line,
    id: textOf(get(node, 'Id')),
    accountId: accountOf(get(account, 'Id')),
    ...periodOf(node, opening.date, closing.date),
    openingFen: opening.fen,
    closingFen: closing.fen,
    entries,
  };
}

function accountOf(id: ReadNode): string {
  const iban = find(id, 'IBAN');
  return textOf(iban ?? get(get(id, 'Othr'), 'Id'));
}

/** Without a period the balances' dates tell the days. */
function periodOf(node: ReadNode, openedOn: string, closedOn: string): { readonly from: Instant; readonly before: Instant } {
  const span = find(node, 'FrToDt');
  const from = span === null ? startOfBeijingDate(openedOn) : momentOf(get(span, 'FrDtTm'));
  const before = span === null ? endOfDate(closedOn) : endOf(get(span, 'ToDtTm'));
  if (from >= before) throw new CamtRefused('camt_value_malformed', (span ?? node).line, { element: 'FrToDt', value: '' });
  return { from, before };
}

type Balance = { readonly fen: bigint; readonly date: string; readonly line: number };

function balanceOf(node: ReadNode, code: 'OPBD' | 'CLBD'): Balance {
  const ofCode = all(node, 'Bal').filter((balance) => findPath(balance, 'Tp', 'CdOrPrtry', 'Cd')?.text === code);
  const [balance, second] = ofCode;
  if (balance === undefined) throw new CamtRefused('camt_element_missing', node.line, { element: `Stmt/Bal ${code}` });
  if (second !== undefined) throw new CamtRefused('camt_element_doubled', second.line, { element: `Bal ${code}` });
  const fen = moneyOf(balance);
  return { fen: isCredit(balance) ? fen : -fen, date: dayOf(get(balance, 'Dt')).date, line: balance.line };
}

/** `Dt` or `DtTm`, never both. */
function dayOf(node: ReadNode): { readonly date: string; readonly at: Instant | null } {
  const [date, moment] = [find(node, 'Dt'), find(node, 'DtTm')];
  if (moment !== null && date !== null) throw new CamtRefused('camt_element_doubled', moment.line, { element: node.name });
  if (moment === null) return { date: dateOf(date ?? get(node, 'Dt')), at: null };
  const at = momentOf(moment);
  return { date: beijingDate(at), at };
}

function entryOf(node: ReadNode): ReadEntry {
  const status = statusOf(get(node, 'Sts'));
  const booking = status === BOOKED ? get(node, 'BookgDt') : find(node, 'BookgDt');
  const day = booking === null ? null : dayOf(booking);
  return {
    line: node.line,
    ref: textOrNull(find(node, 'NtryRef')),
    amountFen: moneyOf(node),
    isCredit: isCredit(node),
    isReversal: flagOf(find(node, 'RvslInd')),
    status,
    bookedOn: day?.date ?? null,
    bookedAt: day?.at ?? null,
    servicerRef: textOrNull(find(node, 'AcctSvcrRef')),
    details: all(node, 'NtryDtls').flatMap((each) => all(each, 'TxDtls').map(detailOf)),
  };
}

const statusOf = (node: ReadNode): string => textOf(find(node, 'Cd') ?? find(node, 'Prtry') ?? node);

function detailOf(node: ReadNode): ReadDetail {
  const [refs, parties] = [find(node, 'Refs'), find(node, 'RltdPties')];
  const remittance = find(node, 'RmtInf');
  return {
    endToEndId: textOrNull(findPath(refs, 'EndToEndId')),
    txId: textOrNull(findPath(refs, 'TxId')),
    servicerRef: textOrNull(findPath(refs, 'AcctSvcrRef')),
    debtor: partyOf(findPath(parties, 'Dbtr')),
    ultimateDebtor: partyOf(findPath(parties, 'UltmtDbtr')),
    creditor: partyOf(findPath(parties, 'Cdtr')),
    ultimateCreditor: partyOf(findPath(parties, 'UltmtCdtr')),
    remittance: remittance === null ? [] : all(remittance, 'Ustrd').map(textOf),
  };
}

function partyOf(node: ReadNode | null): ReadParty | null {
  if (node === null) return null;
  const party = find(node, 'Pty') ?? findPath(node, 'Agt', 'FinInstnId') ?? node;
  const ids = findPath(party, 'Id', 'PrvtId') ?? findPath(party, 'Id', 'OrgId');
  // Of several numbers the first is the one that is read.
  const [id = null] = ids === null ? [] : all(ids, 'Othr');
  return { name: textOrNull(find(party, 'Nm')), id: textOrNull(findPath(id, 'Id')) };
}

function requireDistinct(entries: readonly ReadEntry[]): void {
  const known = new Set<string>();
  for (const { ref, line } of entries) {
    if (ref === null) continue;
    if (known.has(ref)) throw new CamtRefused('camt_entry_doubled', line, { ref: ref.slice(0, 40) });
    known.add(ref);
  }
}

function sumOf(entries: readonly ReadEntry[]): { readonly creditFen: bigint; readonly debitFen: bigint } {
  let [creditFen, debitFen] = [0n, 0n];
  for (const entry of entries) {
    if (entry.isCredit) creditFen += entry.amountFen;
    else debitFen += entry.amountFen;
  }
  return { creditFen, debitFen };
}

function checkSummary(summary: ReadNode | null, entries: readonly ReadEntry[]): void {
  if (summary === null) return;
  const { creditFen, debitFen } = sumOf(entries);
  const credits = entries.filter((entry) => entry.isCredit).length;
  checkTotal(find(summary, 'TtlNtries'), entries.length, creditFen + debitFen);
  checkTotal(find(summary, 'TtlCdtNtries'), credits, creditFen);
  checkTotal(find(summary, 'TtlDbtNtries'), entries.length - credits, debitFen);
}

function checkTotal(node: ReadNode | null, count: number, fen: bigint): void {
  if (node === null) return;
  const [stated, sum] = [find(node, 'NbOfNtries'), find(node, 'Sum')];
  if (stated !== null && countOf(stated) !== count)
    throw new CamtRefused('camt_summary_differs', stated.line, { element: node.name, stated: stated.text, counted: String(count) });
  if (sum !== null && parseAmount(sum) !== fen)
    throw new CamtRefused('camt_summary_differs', sum.line, { element: node.name, stated: sum.text, counted: String(fen) });
}

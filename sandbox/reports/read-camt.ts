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

/** One file that holds whole statements. @throws {CamtRefused} `camt_paged`: it is a page of several */
export function readCamt(bytes: Uint8Array, mostBytes = MOST_BYTES): readonly ReadStatement[] {
  return readCamtFiles([bytes], mostBytes);
}

/**
 * Files that belong together: every page of every statement in them, in any order. With several files a refusal says which (`file`, from 1).
 * @throws {CamtRefused}
 */
export function readCamtFiles(files: readonly Uint8Array[], mostBytes = MOST_BYTES): readonly ReadStatement[] {
  const pieces = files.flatMap((bytes, at) => inFile(files.length, at + 1, () => piecesOf(bytes, mostBytes, at + 1)));
  const statements: ReadStatement[] = [];
  for (const group of groupsOf(pieces)) {
    const [first] = group;
    inFile(files.length, first.file, () => {
      const read = first.page === null ? statementOf(first) : statementOfPages(group, files.length);
      const isKnown = statements.some(({ id, accountId, from }) => id === read.id || (accountId === read.accountId && from === read.from));
      if (isKnown) throw new CamtRefused('camt_statement_doubled', read.line, { id: read.id });
      statements.push(read);
    });
  }
  return statements;
}

/** What is refused inside says in which file it stands; an inner one has said so already. */
function inFile<T>(files: number, file: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (files === 1 || !(error instanceof CamtRefused) || error.facts.file !== undefined) throw error;
    throw new CamtRefused(error.code, error.line, { ...error.facts, file: String(file) });
  }
}

type Page = { readonly number: number; readonly isLast: boolean; readonly line: number };
type Piece = {
  readonly file: number;
  readonly node: ReadNode;
  readonly version: CamtVersion;
  readonly id: string;
  readonly accountId: string;
  /** Null: the whole statement. */
  readonly page: Page | null;
};
type Group = readonly [Piece, ...Piece[]];

function piecesOf(bytes: Uint8Array, mostBytes: number, file: number): readonly Piece[] {
  const { document, version } = parseDocument(bytes, mostBytes);
  const body = get(document, 'BkToCstmrStmt');
  const message = pageOf(findPath(body, 'GrpHdr', 'MsgPgntn'));
  const nodes = all(body, 'Stmt');
  if (nodes.length === 0) throw new CamtRefused('camt_element_missing', body.line, { element: 'BkToCstmrStmt/Stmt' });
  return nodes.map((node) => {
    // Pages are counted by the statement; where it does not say, by the message that it came in.
    const own = find(node, 'StmtPgntn');
    const page = own === null ? message : pageOf(own);
    return { file, node, version, id: textOf(get(node, 'Id')), accountId: accountOf(get(get(node, 'Acct'), 'Id')), page };
  });
}

function pageOf(pagination: ReadNode | null): Page | null {
  if (pagination === null) return null;
  const page = { number: countOf(get(pagination, 'PgNb')), isLast: flagOf(get(pagination, 'LastPgInd')), line: pagination.line };
  return page.number <= 1 && page.isLast ? null : page;
}

/** A whole statement alone; the pages of one id together, in their order. */
function groupsOf(pieces: readonly Piece[]): readonly Group[] {
  const paged = Map.groupBy(
    pieces.filter(({ page }) => page !== null),
    ({ id }) => id,
  );
  const groups = pieces.flatMap((piece): Group[] => (piece.page === null ? [[piece]] : []));
  for (const pages of paged.values()) {
    const [first, ...rest] = pages.toSorted((a, b) => (a.page?.number ?? 0) - (b.page?.number ?? 0));
    if (first !== undefined) groups.push([first, ...rest]);
  }
  return groups;
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

function statementOf({ node, version, id, accountId }: Piece): ReadStatement {
  checkAccount(node);
  const [opening, closing] = [balanceOf(node, 'OPBD'), balanceOf(node, 'CLBD')];
  const entries = all(node, 'Ntry').map(entryOf);
  requireDistinct(entries);
  checkSummary(find(node, 'TxsSummry'), entries);
  requireBalanced(opening, closing, entries);
  const period = periodOf(node, opening.date, closing.date);
  return { version, line: node.line, id, accountId, ...period, openingFen: opening.fen, closingFen: closing.fen, entries };
}

/**
 * Pages 1 to the last, each once, of one account, period and number. Where pages carry interim balances (`ITBD`) each balances in itself and opens
 * with what the page before closed with; without any, the whole is balanced alone.
 */
function statementOfPages(group: Group, files: number): ReadStatement {
  const [first] = group;
  const last = group.at(-1) ?? first;
  group.forEach((piece, at) => {
    inFile(files, piece.file, () => requirePlace(group, piece, at, files));
  });
  const pages = group.map((piece) =>
    inFile(files, piece.file, () => readPage(piece, { isFirst: piece === first, isLast: piece === last })),
  );
  pages.forEach((page, at) => {
    const before = pages[at - 1];
    if (before === undefined || before.closing?.fen === page.opening?.fen) return;
    const facts = { closed: String(before.closing?.fen ?? ''), opened: String(page.opening?.fen ?? ''), file: String(page.file) };
    throw new CamtRefused('camt_page_balance', page.opening?.line ?? page.line, facts);
  });
  const entries = pages.flatMap((page) => page.entries);
  pages.reduce((known, page) => inFile(files, page.file, () => requireDistinct(page.entries, known)), new Set<string>());
  for (const { summary, entries: own, file } of pages) inFile(files, file, () => checkSummaryOfPage(summary, own, entries));
  const [opening, closing] = [pages[0]?.opening, pages.at(-1)?.closing];
  if (opening === undefined || opening === null || closing === undefined || closing === null)
    throw new CamtRefused('camt_paged', first.node.line);
  inFile(files, last.file, () => requireBalanced(opening, closing, entries));
  const { version, id, accountId, node } = first;
  const period = periodOf(node, opening.date, closing.date);
  return { version, line: node.line, id, accountId, ...period, openingFen: opening.fen, closingFen: closing.fen, entries };
}

/** Pages in their order: is this the one that comes now, of the same statement? */
function requirePlace(group: Group, piece: Piece, at: number, files: number): void {
  const { number = 0, isLast = false, line = piece.node.line } = piece.page ?? {};
  const before = group[at - 1];
  // Given alone it is but one page of several.
  if (files === 1 && group.length === 1) throw new CamtRefused('camt_paged', line);
  if (before?.page?.number === number) throw new CamtRefused('camt_page_doubled', line, { page: String(number) });
  if (number !== at + 1) throw new CamtRefused('camt_page_missing', line, { page: String(at + 1) });
  if (isLast !== (at === group.length - 1)) {
    // More pages than the last one, or the last one is not there.
    if (isLast) throw new CamtRefused('camt_page_after_last', group[at + 1]?.page?.line ?? line, { page: String(number + 1) });
    throw new CamtRefused('camt_page_missing', line, { page: String(number + 1) });
  }
  for (const [element, text] of namesOf(piece)) {
    const other = namesOf(group[0]).get(element);
    if (other !== text) throw new CamtRefused('camt_page_differs', piece.node.line, { element, first: other ?? '', here: text });
  }
}

/** What all pages of one statement have in common. */
function namesOf({ node, version, accountId }: Piece): ReadonlyMap<string, string> {
  const span = find(node, 'FrToDt');
  return new Map([
    ['Document', version],
    ['Acct', accountId],
    ['ElctrncSeqNb', find(node, 'ElctrncSeqNb')?.text ?? ''],
    ['FrToDt', span === null ? '' : `${get(span, 'FrDtTm').text} ${get(span, 'ToDtTm').text}`],
  ]);
}

function readPage({ node, file }: Piece, { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean }) {
  checkAccount(node);
  for (const [code, isIts] of [
    ['OPBD', isFirst],
    ['CLBD', isLast],
  ] as const) {
    const [stray] = isIts ? [] : balancesOf(node, code);
    if (stray !== undefined) throw new CamtRefused('camt_element_doubled', stray.line, { element: `Bal ${code}` });
  }
  const interim = balancesOf(node, 'ITBD');
  const [wanted, extra] = [Number(!isFirst) + Number(!isLast), interim[2] ?? (isFirst || isLast ? interim[1] : undefined)];
  if (extra !== undefined) throw new CamtRefused('camt_element_doubled', extra.line, { element: 'Bal ITBD' });
  if (interim.length > 0 && interim.length < wanted) throw new CamtRefused('camt_element_missing', node.line, { element: 'Stmt/Bal ITBD' });
  const opening = isFirst ? balanceOf(node, 'OPBD') : readBalance(interim[0]);
  const closing = isLast ? balanceOf(node, 'CLBD') : readBalance(interim.at(-1));
  const entries = all(node, 'Ntry').map(entryOf);
  if (opening !== null && closing !== null) requireBalanced(opening, closing, entries);
  return { file, line: node.line, opening, closing, entries, summary: find(node, 'TxsSummry') };
}

/** Of the page, or of the whole statement: banks write either. */
function checkSummaryOfPage(summary: ReadNode | null, own: readonly ReadEntry[], whole: readonly ReadEntry[]): void {
  try {
    checkSummary(summary, own);
  } catch (error) {
    if (!(error instanceof CamtRefused) || error.code !== 'camt_summary_differs') throw error;
    checkSummary(summary, whole);
  }
}

function checkAccount(node: ReadNode): void {
  const currency = find(get(node, 'Acct'), 'Ccy');
  if (currency !== null) requireYuan(currency, currency.text);
}

function requireBalanced(opening: Balance, closing: Balance, entries: readonly ReadEntry[]): void {
  const booked = sumOf(entries.filter(({ status }) => status === BOOKED));
  const computed = opening.fen + booked.creditFen - booked.debitFen;
  if (computed !== closing.fen)
    throw new CamtRefused('camt_unbalanced', closing.line, { computed: String(computed), stated: String(closing.fen) });
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

const balancesOf = (node: ReadNode, code: 'OPBD' | 'CLBD' | 'ITBD'): readonly ReadNode[] =>
  all(node, 'Bal').filter((balance) => findPath(balance, 'Tp', 'CdOrPrtry', 'Cd')?.text === code);

function balanceOf(node: ReadNode, code: 'OPBD' | 'CLBD'): Balance {
  const [balance, second] = balancesOf(node, code);
  if (balance === undefined) throw new CamtRefused('camt_element_missing', node.line, { element: `Stmt/Bal ${code}` });
  if (second !== undefined) throw new CamtRefused('camt_element_doubled', second.line, { element: `Bal ${code}` });
  return readBalance(balance);
}

function readBalance(balance: ReadNode): Balance;
function readBalance(balance: ReadNode | undefined): Balance | null;
function readBalance(balance: ReadNode | undefined): Balance | null {
  if (balance === undefined) return null;
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

function requireDistinct(entries: readonly ReadEntry[], known = new Set<string>()): Set<string> {
  for (const { ref, line } of entries) {
    if (ref === null) continue;
    if (known.has(ref)) throw new CamtRefused('camt_entry_doubled', line, { ref: ref.slice(0, 40) });
    known.add(ref);
  }
  return known;
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

/** Our double entry as plain-text accounting (hledger's journal format) and as a table; every entry balances by itself. */
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { type Column, plainYuan, type Table } from './table.ts';

export type ReportedEntry = {
  readonly entryId: string;
  readonly kind: string;
  readonly at: Instant;
  readonly tradeId: string | null;
  readonly corrects: string | null;
  /** Debit positive; sums to zero. */
  readonly postings: readonly { readonly accountId: string; readonly amountFen: Fen }[];
};

export type PostingRow = {
  readonly entryId: string;
  readonly date: string;
  readonly kind: string;
  readonly tradeId: string | null;
  readonly accountId: string;
  readonly amountFen: Fen;
  readonly corrects: string | null;
};

const COLUMNS: readonly Column<PostingRow>[] = [
  { key: 'entryId', header: 'entry' },
  { key: 'date', header: 'date' },
  { key: 'kind', header: 'kind' },
  { key: 'tradeId', header: 'trade' },
  { key: 'accountId', header: 'account' },
  { key: 'amountFen', header: 'amount', isMoney: true },
  { key: 'corrects', header: 'corrects' },
];

export function journalTable(entries: readonly ReportedEntry[]): Table<PostingRow> {
  const rows = entries.flatMap(({ entryId, kind, at, tradeId, corrects, postings }) =>
    postings.map(
      ({ accountId, amountFen }): PostingRow => ({ entryId, date: beijingDate(at), kind, tradeId, accountId, amountFen, corrects }),
    ),
  );
  return { title: 'journal', columns: COLUMNS, rows };
}

/** What we owe to somebody is a liability; what the institution holds for us is the asset against it. */
function accountName(accountId: string): string {
  const [head = '', owner] = accountId.split(':');
  if (head === 'provider') return 'assets:provider';
  if (head === 'fee') return 'income:fee';
  if (head === 'guarantee') return 'liabilities:guarantee';
  return `liabilities:${head}:${owner ?? ''}`;
}

const line = ({ entryId, kind, at, tradeId, corrects, postings }: ReportedEntry): string => {
  const tags = [
    `entry:${entryId}`,
    ...(tradeId === null ? [] : [`trade:${tradeId}`]),
    ...(corrects === null ? [] : [`corrects:${corrects}`]),
  ];
  const head = `${beijingDate(at)} (${entryId}) ${kind.replaceAll('_', ' ')}  ; ${tags.join(', ')}`;
  // Two blanks end an account name; amounts carry the commodity behind.
  return [head, ...postings.map(({ accountId, amountFen }) => `    ${accountName(accountId)}  ${plainYuan(amountFen)} CNY`), ''].join('\n');
};

/**
 * In order of entry. `openings` are the balances before the first entry, so that a day's file has the true balances.
 * Signs: the books keep what we owe as positive balances, the institution's account below zero; plain-text accounting wants assets
 * positive and liabilities negative, so every sign turns.
 */
export function writePlainText(
  entries: readonly ReportedEntry[],
  openings: readonly { readonly accountId: string; readonly amountFen: Fen }[] = [],
  date = '',
): string {
  const turned = (postings: ReportedEntry['postings']) =>
    postings.map(({ accountId, amountFen }) => ({ accountId, amountFen: negated(amountFen) }));
  const opening = openings.filter(({ amountFen }) => amountFen !== 0n);
  const head =
    opening.length === 0
      ? ''
      : `${[`${date} opening balances`, ...turned(opening).map(({ accountId, amountFen }) => `    ${accountName(accountId)}  ${plainYuan(amountFen)} CNY`), ''].join('\n')}\n`;
  return `commodity 1,000.00 CNY\n\n${head}${entries.map((entry) => line({ ...entry, postings: turned(entry.postings) })).join('\n')}`;
}

function negated(amount: Fen): Fen {
  return fen(-amount);
}

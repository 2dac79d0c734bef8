'use client';
/** A bank's camt.053 held against our own journal: handed in here, kept with who and when, differences listed (V-11). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, Fragment, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatYuan } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { FilePick } from '#app/_components/file-pick.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Chip, Panel, Skeleton, Time, Yuan } from '#app/_components/ui.tsx';
import type { BankDifference, BankStatement } from '#server/trpc/views.ts';

const MOST_BYTES = 16 * 1024 * 1024;
const MOST_NAME = 200;
const MOST_LISTED = 1_000;
const BEIJING_MS = 8 * 3_600_000;

export function BankStatements() {
  const t = useTranslations('statement.bank');
  const query = useQuery({ queryKey: ['bank-statements'], queryFn: () => staffApi.funds.bankStatements() });
  return (
    <Panel title={t('title')}>
      <div className="space-y-3" data-testid="bank-statements">
        <p className="max-w-3xl text-[13px] text-ink-2">{t('lead')}</p>
        <HandIn />
        <Loaded query={query} skeleton={<Skeleton className="h-32" />}>
          {(rows) => (rows.length === 0 ? <Empty title={t('empty')} text={t('emptyText')} /> : <Statements rows={rows} />)}
        </Loaded>
      </div>
    </Panel>
  );
}

/** Text of entries repeats itself: gzip makes a twentieth of it. */
async function zippedOf(file: File): Promise<string> {
  const bytes = new Uint8Array(await new Response(file.stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x8000) binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(binary);
}

function HandIn() {
  const t = useTranslations('statement.bank');
  const client = useQueryClient();
  const [files, setFiles] = useState<readonly File[]>([]);
  const isTooLarge = files.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES;
  const compare = useMutation({
    mutationFn: async (picked: readonly File[]) => {
      const [first, ...more] = await Promise.all(
        picked.map(async (file) => ({ fileName: file.name.slice(0, MOST_NAME), zipped: await zippedOf(file) })),
      );
      if (first === undefined) throw new Error('no file');
      return staffApi.funds.compareFile({ ...first, more });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['bank-statements'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (files.length > 0) compare.mutate(files);
  };
  const pick = (picked: readonly File[]) => {
    compare.reset();
    setFiles(picked);
  };
  return (
    <form className="space-y-2" onSubmit={submit}>
      <div className="flex flex-wrap items-end gap-3">
        <FilePick label={t('file')} accept=".xml,application/xml,text/xml" files={files} onPickAll={pick} />
        <Button tone="primary" type="submit" disabled={files.length === 0 || isTooLarge || compare.isPending}>
          {t('compare')}
        </Button>
      </div>
      <div aria-live="polite" className="max-w-3xl text-[13px]">
        {isTooLarge ? <p className="text-red">{t('tooLarge')}</p> : null}
        {compare.isSuccess ? t('done', { count: compare.data.statements, differences: compare.data.differences }) : null}
        {compare.isError ? <Refused error={compare.error} files={files} /> : null}
      </div>
    </form>
  );
}

/** With the line of the file, of several which, and what stands there. */
function Refused({ error, files }: { readonly error: unknown; readonly files: readonly File[] }) {
  const t = useTranslations('statement.bank');
  const refusal = readRefusal(error);
  const { line, file, computed, stated, counted, ...rest } = refusal.facts ?? {};
  const isSum = refusal.code === 'camt_unbalanced' && computed !== undefined && stated !== undefined;
  const isCount = counted !== undefined && stated !== undefined;
  const found = [...Object.values(rest), ...(isSum || isCount || stated === undefined ? [] : [stated])]
    .filter((text) => text !== '')
    .join(' · ');
  return (
    <RefusalNote refusal={refusal}>
      {line === undefined ? null : (
        <p className="text-xs text-ink-2">
          {file === undefined ? null : `${files[Number(file) - 1]?.name ?? file} · `}
          {t('line', { line })} {found === '' ? null : <code className="break-all">{found}</code>}
          {isCount ? t('counted', { counted, stated }) : null}
          {isSum ? t('unbalanced', { computed: formatYuan(computed), stated: formatYuan(stated) }) : null}
        </p>
      )}
    </RefusalNote>
  );
}

function Statements({ rows }: { readonly rows: readonly BankStatement[] }) {
  const t = useTranslations('statement.bank');
  const [shown, setShown] = useState<string | null>(null);
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('period')}</th>
          <th>{t('account')}</th>
          <th>{t('who')}</th>
          <th className="end">{t('entries')}</th>
          <th className="end">{t('closing')}</th>
          <th className="end">{t('result')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Fragment key={row.number}>
            <tr data-differences={row.differences}>
              <td className="num">{periodOf(row)}</td>
              <td data-label={t('account')}>
                <AccountName id={row.accountId} />
              </td>
              <td data-label={t('who')}>
                <div>
                  <span className="block break-all">{row.staffId}</span>
                  <span className="block text-xs text-ink-3">
                    <Time at={row.at} /> · <span className="break-all">{row.fileName}</span>
                    {row.pages === 1 ? null : ` · ${t('pages', { count: row.pages })}`}
                  </span>
                </div>
              </td>
              <td data-label={t('entries')} className="end num">
                {row.booked} / {row.ownEntries}
              </td>
              <td data-label={t('closing')} className="end">
                <span>
                  <Yuan fen={row.theirs.closingFen} /> / <Yuan fen={row.ours.closingFen} />
                </span>
              </td>
              <td data-label={t('result')} className="end">
                {row.differences === 0 ? (
                  <Chip tone="good">{t('same')}</Chip>
                ) : (
                  <span className="inline-flex flex-wrap items-center justify-end gap-2">
                    <Chip tone="bad">{t('differences', { count: row.differences })}</Chip>
                    <Button
                      aria-expanded={shown === row.number}
                      onClick={() => setShown((current) => (current === row.number ? null : row.number))}
                    >
                      {shown === row.number ? t('hide') : t('show')}
                    </Button>
                  </span>
                )}
              </td>
            </tr>
            {shown === row.number ? (
              <tr>
                <td colSpan={6}>
                  <Differences statement={row} />
                </td>
              </tr>
            ) : null}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function Differences({ statement }: { readonly statement: BankStatement }) {
  const t = useTranslations('statement.bank');
  const query = useQuery({
    queryKey: ['bank-differences', statement.number],
    queryFn: () => staffApi.funds.bankDifferences(statement.number),
  });
  return (
    <Loaded query={query} skeleton={<Skeleton className="h-24" />}>
      {(rows) => (
        <>
          <table className="data-table as-cards" data-testid="bank-differences">
            <thead>
              <tr>
                <th>{t('what')}</th>
                <th>{t('reference')}</th>
                <th className="end">{t('theirs')}</th>
                <th className="end">{t('ours')}</th>
                <th className="end">{t('place')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.kind} ${row.ref} ${row.line}`} data-kind={row.kind}>
                  <td>{t(`kinds.${row.kind}`)}</td>
                  <td data-label={t('reference')}>
                    <Reference row={row} />
                  </td>
                  <td data-label={t('theirs')} className="end">
                    <Value text={row.theirs} />
                  </td>
                  <td data-label={t('ours')} className="end">
                    <Value text={row.ours} />
                  </td>
                  <td data-label={t('place')} className="end num">
                    {row.line ?? '–'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {statement.differences > rows.length ? (
            <p className="mt-2 text-[13px] text-ink-3">{t('cut', { count: String(MOST_LISTED) })}</p>
          ) : null}
        </>
      )}
    </Loaded>
  );
}

function Reference({ row: { kind, ref, tradeId, orderId } }: { readonly row: BankDifference }) {
  const t = useTranslations('statement.bank.balance');
  if (kind === 'balance_differs' && (ref === 'OPBD' || ref === 'CLBD')) return t(ref);
  return (
    <div className="font-mono text-xs break-all">
      <span className="block">{ref}</span>
      {tradeId === null && orderId === null ? null : <span className="block text-ink-3">{tradeId ?? orderId}</span>}
    </div>
  );
}

/** Fen, a direction, a date, or nothing. */
function Value({ text }: { readonly text: string | null }) {
  const t = useTranslations('statement.bank');
  if (text === null) return <span className="text-ink-3">{t('nothing')}</span>;
  if (text === 'CRDT' || text === 'DBIT') return t(`way.${text}`);
  return /^-?\d{1,20}$/.test(text) ? <Yuan fen={text} /> : <span className="num">{text}</span>;
}

function AccountName({ id }: { readonly id: string }) {
  const t = useTranslations('statement.bank.accounts');
  return id === 'DAOJU-ORDERS' || id === 'DAOJU-CUSTOMERS' ? t(id) : <code>{id}</code>;
}

/** In Beijing: one day, or the first and the last. */
function periodOf({ from, before }: BankStatement): string {
  const day = (ms: number) => new Date(ms + BEIJING_MS).toISOString().slice(0, 'yyyy-mm-dd'.length);
  const [first, last] = [day(Date.parse(from)), day(Date.parse(before) - 1)];
  return first === last ? first : `${first} – ${last}`;
}

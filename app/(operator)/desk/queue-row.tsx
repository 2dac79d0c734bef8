'use client';
import { useTranslations } from 'use-intl';
import { formatTime } from '#app/_client/format.ts';
import { useName } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Button, Chip, Id, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { DeskRow } from '#server/trpc/views.ts';

const OWN_KINDS = ['item', 'person', 'theft', 'trade', 'listing', 'content', 'applied', 'verified', 'active', 'suspended'] as const;

/** What an entry is about, in a few words. */
export function useWhat(): (row: DeskRow) => string {
  const t = useTranslations('desk');
  const name = useName();
  return (row) => {
    const kind = OWN_KINDS.find((each) => each === row.kind);
    const words = kind === undefined ? row.kind : t(`kind.${kind}`);
    return row.names === null ? words : `${name(row.names)} · ${words}`;
  };
}

export function QueueRow({ row, isChosen, onOpen }: { readonly row: DeskRow; readonly isChosen: boolean; readonly onOpen: () => void }) {
  const t = useTranslations('desk');
  const what = useWhat();
  const { locale } = usePreferences();
  const at = (iso: string) => formatTime(locale, iso, 'full');
  return (
    <li
      data-entry={row.subjectId}
      aria-current={isChosen ? 'true' : undefined}
      className="space-y-2 px-4 py-3 text-[13px] aria-[current=true]:bg-accent-soft"
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span className="min-w-0 flex-1 basis-52 font-medium wrap-anywhere">{what(row)}</span>
        <About id={row.about} />
        {row.amountFen === null ? null : <Yuan fen={row.amountFen} />}
        <span className="text-ink-2">{row.owner === null ? t('unowned') : t('ownedBy', { who: row.owner })}</span>
        <span className="text-ink-2">
          {row.dueAt === null ? t('since', { at: at(row.since) }) : t('due', { at: at(row.dueAt) })}{' '}
          {row.isOverdue ? <strong className="text-red">{t('overdue')}</strong> : null}
        </span>
        <Button onClick={onOpen}>{t('open')}</Button>
      </div>
      {row.text === null ? null : <p className="wrap-anywhere text-ink-2">{row.text}</p>}
      {row.steps.map((step) => (
        <p key={`${step.at}${step.act}`} className="flex flex-wrap items-center gap-x-3 border-s-2 border-line ps-3 text-ink-2">
          <Chip>{t(`act.${step.act}`)}</Chip> <Time at={step.at} style="full" /> <span>{step.by}</span>
          <span className="min-w-0 wrap-anywhere">{step.text}</span>
          {step.txId === null ? null : (
            <span className="text-xs text-ink-3">
              {t('onLedger')} <Id value={step.txId} />
            </span>
          )}
        </p>
      ))}
    </li>
  );
}

function About({ id }: { readonly id: string }) {
  const page = id.startsWith('itm_') ? 'i' : id.startsWith('cls_') ? 'c' : null;
  return page === null ? <Id value={id} /> : <TextLink href={`/${page}/${id}`}>{id.slice(0, 12)}…</TextLink>;
}

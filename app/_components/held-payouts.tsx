'use client';
/** Proceeds of mine that wait longer than protection asks: which, until when and why (P-08). Nothing is shown where nothing waits. */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { ItemName } from './item-art.tsx';
import { useMe } from './session.tsx';
import { TextLink, Time, Yuan } from './ui.tsx';

export function HeldPayouts() {
  const t = useTranslations('sheet');
  const me = useMe();
  const money = useQuery({ queryKey: ['money'], queryFn: () => api.money.get(), enabled: Boolean(me) });
  const held = (money.data?.coming ?? []).filter(({ hold }) => hold !== null);
  if (held.length === 0) return null;
  return (
    <section
      aria-label={t('payoutHeld')}
      data-testid="held-payouts"
      className="rounded-lg border border-amber/40 bg-amber-soft p-3 text-[13px]"
    >
      <h2 className="font-semibold">{t('payoutHeld')}</h2>
      <p className="text-ink-2">{t('payoutHold')}</p>
      <ul className="mt-2 divide-y divide-amber/30">
        {held.map((row) => (
          <li key={row.tradeId} className="flex flex-wrap items-baseline justify-between gap-x-4 py-1.5">
            <TextLink href={`/trades/${row.tradeId}`} className="underline">
              <ItemName names={row.names} />
            </TextLink>
            <span className="ms-auto text-ink-2">
              {t('payoutAt')} <Time at={row.at} style="full" />
            </span>
            <Yuan fen={row.amountFen} />
          </li>
        ))}
      </ul>
    </section>
  );
}

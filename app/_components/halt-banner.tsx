'use client';
/** What stands still, on every screen at once (V-17): why, until when, what becomes of open orders. */
import { useQuery } from '@tanstack/react-query';
import { OctagonPause } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import type { HaltNow } from '#server/trpc/views.ts';
import { useName } from './item-art.tsx';
import { usePreferences } from './providers.tsx';
import { useRoom } from './use-room.ts';

const POLL_MS = 10_000;

export function HaltBanner() {
  useRoom('/market', 'public', [['halts']], HALT_MESSAGES);
  const query = useQuery({ queryKey: ['halts'], queryFn: () => api.halts(), refetchInterval: POLL_MS });
  const halts = query.data ?? [];
  if (halts.length === 0) return null;
  return (
    <div role="alert" className="border-b border-red/40 bg-red-soft text-[13px] text-ink" data-testid="halts">
      {halts.map((halt) => (
        <Line key={halt.haltId} halt={halt} />
      ))}
    </div>
  );
}
const HALT_MESSAGES = ['mkt.halt'];

function Line({ halt }: { readonly halt: HaltNow }) {
  const t = useTranslations('halts');
  const name = useName();
  const { locale } = usePreferences();
  return (
    <p className="mx-auto flex max-w-[1480px] flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 sm:px-5" data-scope={halt.scope}>
      <OctagonPause size={16} className="flex-none text-red" aria-hidden />
      <strong>
        {t(`stopped.${halt.scope}`)}
        {halt.names === null ? '' : ` · ${name(halt.names)}`}
      </strong>
      <span>{t(`reason.${halt.reasonCode}`)}</span>
      <span className="num">{t('until', { at: formatTime(locale, halt.until, 'full') })}</span>
      <span>{t(`orders.${halt.openOrders}`)}</span>
    </p>
  );
}

'use client';
/** The answer to an order: done by us, then certified by the members, each said only when it is so. */
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import type { PlaceOrderAnswer, TradeState } from '#server/trpc/views.ts';
import { Button, LinkButton } from '../ui.tsx';
import { DONE, type OrderDraft } from './draft.ts';

const CERTIFIED: readonly TradeState[] = ['certified', 'protected', 'paid_out'];

export function PlacedNote(props: {
  readonly draft: OrderDraft;
  readonly answer: Extract<PlaceOrderAnswer, { kind: 'placed' }>;
  readonly onClose: () => void;
}) {
  const t = useTranslations();
  const [trade] = props.answer.trades;
  const isReserved = trade?.state === 'reserved';
  return (
    <div className="space-y-5 py-4 text-center" role="status">
      <CircleCheck size={44} className="mx-auto text-green" aria-hidden />
      <div>
        <p className="text-lg font-semibold">{t(isReserved ? 'sheet.doneReserved' : `sheet.${DONE[props.draft.intent]}`)}</p>
        {props.draft.intent === 'matched' && props.answer.trades.length > 0 ? (
          <p>{t('sheet.doneFilled', { count: props.answer.trades.length })}</p>
        ) : null}
      </div>
      {trade === undefined || isReserved ? null : <Certification tradeId={trade.tradeId} state={trade.state} />}
      <div className="flex flex-wrap justify-center gap-2">
        {trade !== undefined && isReserved ? (
          <LinkButton tone="primary" href={`/pay/${trade.tradeId.replace('trd_', 'pay_')}`}>
            {t('trade.payNow')}
          </LinkButton>
        ) : null}
        {trade === undefined ? (
          <LinkButton tone="primary" href={props.draft.offer === undefined ? '/orders' : '/orders?tab=offers'}>
            {t('sheet.toOrders')}
          </LinkButton>
        ) : (
          <LinkButton tone={isReserved ? 'plain' : 'primary'} href={`/trades/${trade.tradeId}`}>
            {t('sheet.toTrade')}
          </LinkButton>
        )}
        <Button onClick={props.onClose}>{t('panel.close')}</Button>
      </div>
    </div>
  );
}

function Certification({ tradeId, state }: { readonly tradeId: string; readonly state: TradeState }) {
  const t = useTranslations();
  const trade = useQuery({
    queryKey: ['trade', tradeId],
    queryFn: () => api.trade.get(tradeId),
    refetchInterval: (query) => (CERTIFIED.includes(query.state.data?.state ?? state) ? false : 600),
  });
  const now = trade.data?.state ?? state;
  const isCertified = CERTIFIED.includes(now);
  return (
    <p className="inline-flex items-center gap-2" data-state={now}>
      {isCertified ? (
        <CircleCheck size={16} className="text-green" aria-hidden />
      ) : (
        <LoaderCircle size={16} className="animate-spin text-ink-3" aria-hidden />
      )}
      {isCertified ? t('sheet.certified') : t('sheet.waiting')}
    </p>
  );
}

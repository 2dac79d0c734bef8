'use client';
/** Before a listing is signed: who would take the item now (P-22). */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { Button, Yuan } from '../ui.tsx';
import { type OrderDraft, serveDraft } from './draft.ts';

export function BestBuyOrder({ draft, onReplace }: { readonly draft: OrderDraft; readonly onReplace: (draft: OrderDraft) => void }) {
  const t = useTranslations();
  const { classId } = draft.card;
  const orders = useQuery({ queryKey: ['buyOrders', classId], queryFn: () => api.market.listBuyOrders(classId) });
  const units = draft.itemIds?.length ?? 0;
  const best = orders.data?.rows.find(
    (order) =>
      !order.isMine &&
      order.mechanism !== 'price_time' &&
      units >= Math.min(order.smallestFill, order.leavesQuantity) &&
      units <= order.leavesQuantity,
  );
  if (best === undefined) return null;
  return (
    <section className="flex flex-wrap items-center justify-between gap-2 rounded-md border border-line bg-sunk p-2.5 text-[13px]">
      <p className="min-w-0">
        {t('sheet.wish.best', { buyer: best.buyerName })} <Yuan fen={best.priceFen} className="font-semibold" />
        {best.expression === null ? null : <code className="block truncate text-xs text-ink-3">{best.expression}</code>}
      </p>
      <Button onClick={() => onReplace(serveDraft(draft, best))}>{t('kind.sellTo')}</Button>
    </section>
  );
}

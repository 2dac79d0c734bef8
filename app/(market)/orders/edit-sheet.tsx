'use client';
/** Editing an open order (P-20, P-37): the order sheet with what the order says now; what is signed is its cancel and a new order. */
import { useQuery } from '@tanstack/react-query';
import { api } from '#app/_client/api.ts';
import type { OrderDraft } from '#app/_components/order-sheet/draft.ts';
import { OrderSheet } from '#app/_components/order-sheet/lazy-order-sheet.tsx';
import type { ClassCard, OrderView } from '#server/trpc/views.ts';

export const canEdit = ({ intent }: OrderView): boolean => intent === 'listing' || intent === 'buy_order' || intent === 'matched';

export function EditSheet({ order, onClose }: { readonly order: OrderView | null; readonly onClose: () => void }) {
  const kind = useQuery({
    queryKey: ['kind', order?.classId],
    queryFn: () => api.itemClass.get(order?.classId ?? ''),
    enabled: order !== null,
  });
  const draft = order === null || kind.data === undefined ? null : draftOf(order, kind.data.card);
  return <OrderSheet draft={draft} onClose={onClose} />;
}

function draftOf(order: OrderView, card: ClassCard): OrderDraft {
  const isSale = order.side === 'sell';
  return {
    intent: order.intent,
    side: order.side,
    card,
    ...(isSale ? { itemIds: order.heldItems } : {}),
    replaces: order,
    priceFen: order.priceFen,
    isPriceOpen: true,
    quantity: order.leavesQuantity,
    isQuantityOpen: !isSale || order.heldItems.length > 1,
    ...(order.expression === null ? {} : { expression: order.expression }),
  };
}

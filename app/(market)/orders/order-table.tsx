'use client';
import { useTranslations } from 'use-intl';
import { KindLine } from '#app/_components/item-art.tsx';
import { Button, Chip, type ChipTone, Time, Yuan } from '#app/_components/ui.tsx';
import type { OrderState, OrderView } from '#server/trpc/views.ts';

const TONE: Record<OrderState, ChipTone> = {
  new: 'accent',
  partially_filled: 'accent',
  filled: 'good',
  canceled: 'plain',
  expired: 'plain',
  rejected: 'bad',
};

export function OrderTable(props: {
  readonly rows: readonly OrderView[];
  readonly isOpen: boolean;
  readonly onCancel: (order: OrderView) => void;
}) {
  const t = useTranslations();
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('orders.kind')}</th>
          <th>{t('orders.way')}</th>
          <th className="end">{t('orders.price')}</th>
          <th className="end">{t('orders.filled')}</th>
          <th className="end">{t('orders.held')}</th>
          <th>{props.isOpen ? t('orders.until') : t('orders.ended')}</th>
          <th>{t('orders.state')}</th>
          {props.isOpen ? (
            <th>
              <span className="sr-only">{t('orders.cancel')}</span>
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((order) => (
          <tr key={order.orderId} data-order={order.orderId}>
            <td>
              <KindLine href={`/c/${order.classId}`} names={order.names} icon={order.icon} rarity={order.rarity} />
            </td>
            <td data-label={t('orders.way')}>
              {t(`intent.${order.intent}`)}
              {order.intent === 'matched' ? ` · ${order.side === 'buy' ? t('sheet.buySide') : t('sheet.sellSide')}` : ''}
            </td>
            <td data-label={t('orders.price')} className="end font-medium">
              <Yuan fen={order.priceFen} />
            </td>
            <td data-label={t('orders.filled')} className="num end">
              {order.filledQuantity} / {order.quantity}
            </td>
            <td data-label={t('orders.held')} className="end">
              {order.heldItems.length > 0 ? (
                t('unit.items', { count: order.heldItems.length })
              ) : order.heldFen === '0' ? (
                '—'
              ) : (
                <Yuan fen={order.heldFen} />
              )}
            </td>
            <td data-label={props.isOpen ? t('orders.until') : t('orders.ended')}>
              <Time at={order.endedAt ?? order.expiresAt} />
            </td>
            <td data-label={t('orders.state')}>
              <span className="inline-flex flex-wrap items-center justify-end gap-1">
                <Chip tone={TONE[order.state]}>{t(`orderState.${order.state}`)}</Chip>
                {order.reason === null ? null : <code className="text-xs text-ink-3">{order.reason}</code>}
              </span>
            </td>
            {props.isOpen ? (
              <td className="end">
                <Button onClick={() => props.onCancel(order)}>{t('orders.cancel')}</Button>
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

'use client';
import { useTranslations } from 'use-intl';
import { EndReason } from '#app/_components/end-reason.tsx';
import { ItemName, KindLine } from '#app/_components/item-art.tsx';
import { Button, Chip, type ChipTone, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { OrderState, OrderView, OrderWithFills } from '#server/trpc/views.ts';

import { canEdit } from './edit-sheet.tsx';

const TONE: Record<OrderState, ChipTone> = {
  new: 'accent',
  partially_filled: 'accent',
  filled: 'good',
  canceled: 'plain',
  expired: 'plain',
  rejected: 'bad',
};

export function OrderTable(props: {
  readonly rows: readonly OrderWithFills[];
  readonly isOpen: boolean;
  readonly onCancel: (order: OrderView) => void;
  readonly onEdit: (order: OrderView) => void;
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
              {order.expression === null ? (
                <KindLine href={`/c/${order.classId}`} names={order.names} icon={order.icon} rarity={order.rarity} />
              ) : (
                <Wanted order={order} expression={order.expression} />
              )}
            </td>
            <td data-label={t('orders.way')}>
              {t(`intent.${order.intent}`)}
              {order.namedBuyer === null ? null : (
                <span className="block">
                  <Chip tone="accent">{t('sheet.wish.onlyFor', { name: order.namedBuyer })}</Chip>
                </span>
              )}
              {order.intent === 'matched' ? ` · ${order.side === 'buy' ? t('sheet.buySide') : t('sheet.sellSide')}` : ''}
            </td>
            <td data-label={t('orders.price')} className="end font-medium">
              <Yuan fen={order.priceFen} />
            </td>
            <td data-label={t('orders.filled')} className="num end">
              {order.filledQuantity} / {order.quantity}
              <Fills order={order} />
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
                {order.reason === null ? null : (
                  <span className="text-xs text-ink-3">
                    <EndReason code={order.reason} />
                  </span>
                )}
              </span>
            </td>
            {props.isOpen ? (
              <td className="end">
                <span className="inline-flex flex-wrap justify-end gap-2">
                  {canEdit(order) ? <Button onClick={() => props.onEdit(order)}>{t('orders.edit')}</Button> : null}
                  <Button onClick={() => props.onCancel(order)}>{t('orders.cancel')}</Button>
                </span>
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A buy order for any kind that fits: its condition, not the kind that stands for it. */
function Wanted({ order, expression }: { readonly order: OrderView; readonly expression: string }) {
  const t = useTranslations('orders');
  return (
    <span className="block max-w-80 min-w-0 text-start">
      <span className="block font-medium">{t('anyKind')}</span>
      <TextLink href={`/search?where=${encodeURIComponent(expression)}`} className="block truncate font-mono text-xs">
        {expression}
      </TextLink>
      {order.smallestFill > 1 ? <span className="block text-xs text-ink-3">{t('fillFrom', { count: order.smallestFill })}</span> : null}
    </span>
  );
}

/** Each fill, as soon as there is more than one to tell apart or the order goes on. */
function Fills({ order }: { readonly order: OrderWithFills }) {
  const t = useTranslations('orders');
  if (order.fills.length === 0 || (order.fills.length === 1 && order.expression === null && order.quantity === 1)) return null;
  return (
    <details className="text-xs">
      <summary className="cursor-pointer text-ink-2">{t('fills', { count: order.fills.length })}</summary>
      <ul className="space-y-0.5">
        {order.fills.map((fill) => (
          <li key={fill.tradeId}>
            <TextLink href={`/trades/${fill.tradeId}`}>
              {fill.quantity} × <Yuan fen={fill.priceFen} />
            </TextLink>{' '}
            <span className="text-ink-3">
              <ItemName names={fill.names} /> · <Time at={fill.at} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

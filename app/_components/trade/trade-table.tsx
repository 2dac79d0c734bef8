'use client';
import { useTranslations } from 'use-intl';
import type { TradeRow } from '#server/trpc/views.ts';
import { KindLine } from '../item-art.tsx';
import { Chip, TextLink, Time, Yuan } from '../ui.tsx';
import { TRADE_TONE } from './trade-detail.tsx';

export function TradeTable({ rows }: { readonly rows: readonly TradeRow[] }) {
  const t = useTranslations();
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('orders.kind')}</th>
          <th>{t('sheet.side')}</th>
          <th className="end">{t('sheet.quantity')}</th>
          <th className="end">{t('orders.total')}</th>
          <th className="end">{t('trade.net')}</th>
          <th>{t('orders.state')}</th>
          <th>{t('kind.time')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((trade) => (
          <tr key={trade.tradeId}>
            <td>
              <KindLine href={`/trades/${trade.tradeId}`} names={trade.names} icon={trade.icon} rarity={trade.rarity} />
            </td>
            <td data-label={t('sheet.side')}>{trade.side === 'buy' ? t('sheet.buySide') : t('sheet.sellSide')}</td>
            <td data-label={t('sheet.quantity')} className="num end">
              {trade.quantity}
            </td>
            <td data-label={t('orders.total')} className="end font-medium">
              <Yuan fen={trade.grossFen} />
            </td>
            <td data-label={t('trade.net')} className="end">
              <Yuan fen={trade.sellerNetFen} />
            </td>
            <td data-label={t('orders.state')}>
              <TextLink href={`/trades/${trade.tradeId}`}>
                <Chip tone={TRADE_TONE[trade.state]}>{t(`tradeState.${trade.state}`)}</Chip>
              </TextLink>
            </td>
            <td data-label={t('kind.time')}>
              <Time at={trade.stateSince} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

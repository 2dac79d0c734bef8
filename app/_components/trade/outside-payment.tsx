'use client';
/** The buyer's payment from outside (P-21): how long item and price stay reserved, and the way to the institution's page. */
import { useTranslations } from 'use-intl';
import type { TradeView, Transfer } from '#server/trpc/views.ts';
import { TimeLeft } from '../time-left.tsx';
import { Chip, type ChipTone, LinkButton, Panel, Time, Yuan } from '../ui.tsx';

const TONE: Record<Transfer['state'], ChipTone> = { requested: 'wait', processing: 'wait', paid: 'good', failed: 'bad' };
const WORDS = {
  timeout: 'unpaid',
  bank_declined: 'declined',
  late_payment_refunding: 'lateRefunding',
  late_payment_refunded: 'lateRefunded',
} as const;
const isKnown = (reason: string): reason is keyof typeof WORDS => Object.hasOwn(WORDS, reason);

export function OutsidePayment({ trade, payment }: { readonly trade: TradeView; readonly payment: Transfer }) {
  const t = useTranslations();
  const isOpen = trade.state === 'reserved';
  return (
    <Panel
      title={t('trade.payment')}
      aside={<Chip tone={TONE[payment.state]}>{t(payment.state === 'failed' ? 'money.notPaid' : `money.state.${payment.state}`)}</Chip>}
    >
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
        <Yuan fen={payment.amountFen} className="text-xl font-bold" />
        {payment.payBy === null ? null : (
          <span className="text-[13px] text-ink-2">
            {t('trade.payAt')}: <Time at={payment.payBy} style="full" />
          </span>
        )}
        {isOpen && payment.payBy !== null ? <TimeLeft until={payment.payBy} soon="hour" isTicking /> : null}
        {isOpen && payment.state === 'requested' ? (
          <LinkButton tone="primary" href={`/pay/${payment.id}`}>
            {t('trade.payNow')}
          </LinkButton>
        ) : null}
      </div>
      {isOpen ? (
        <p className="mt-3 text-[13px] text-ink-2">{t(payment.state === 'processing' ? 'trade.payProcessing' : 'trade.payNote')}</p>
      ) : null}
      {payment.reason !== null && isKnown(payment.reason) ? (
        <p className="mt-3 text-[13px] text-amber">{t(`money.${WORDS[payment.reason]}`)}</p>
      ) : null}
    </Panel>
  );
}

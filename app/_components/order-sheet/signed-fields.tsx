'use client';
/** Sign what you see (P-19): each field of the order in words. */
import { useTranslations } from 'use-intl';
import { formatBps, formatYuan, shortId } from '#app/_client/format.ts';
import type { QuoteDocument } from '#server/trpc/views.ts';
import { Time } from '../ui.tsx';

export function SignedFields({ document }: { readonly document: QuoteDocument }) {
  const t = useTranslations();
  const rows = [
    [t('sheet.field.way'), t(`intent.${document.intent}`)],
    [t('sheet.field.side'), document.side === 'buy' ? t('sheet.buySide') : t('sheet.sellSide')],
    [t('sheet.field.kind'), document.expression === '' ? `#${document.classSerial}` : t('sheet.wish.any')],
    ...(document.expression === '' ? [] : ([[t('sheet.field.expression'), document.expression]] as const)),
    ...(document.intent === 'buy_order' ? ([[t('sheet.wish.fill'), String(document.smallestFill)]] as const) : []),
    [t('sheet.field.items'), document.items.length === 0 ? '—' : document.items.map(({ serial, ver }) => `#${serial} v${ver}`).join(', ')],
    ...(document.namedBuyer ? ([[t('sheet.wish.buyer'), shortId(document.namedBuyer)]] as const) : []),
    ...(document.namedSeller ? ([[t('kind.seller'), shortId(document.namedSeller)]] as const) : []),
    ...(document.offerUntil ? ([[t('offers.until'), <Time key="until" at={document.offerUntil} style="full" />]] as const) : []),
    ...(document.smallestOfferFen ? ([[t('offers.smallestField'), formatYuan(document.smallestOfferFen)]] as const) : []),
    [t('sheet.field.quantity'), String(document.quantity)],
    [t('sheet.field.limit'), formatYuan(document.priceFen)],
    [t('sheet.field.feeMax'), formatBps(document.feeBps)],
    ...(document.intent === 'take_listing' ? [[t('sheet.payFrom'), t(`sheet.payFroms.${document.payFrom}`)] as const] : []),
    [t('sheet.field.validFrom'), <Time key="from" at={document.orderNotBefore} style="full" />],
    [t('sheet.field.validTo'), <Time key="to" at={document.orderNotAfter} style="full" />],
    [t('sheet.field.disclosure'), document.disclosureVersion],
    [t('sheet.field.account'), shortId(document.acct)],
    [t('sheet.field.chain'), shortId(document.chain)],
  ] as const;
  return (
    <details className="rounded-md border border-line text-[13px]">
      <summary className="min-h-11 px-3 py-2.5 font-medium sm:min-h-9 sm:py-2">{t('sheet.signedWords')}</summary>
      <div className="border-t border-line px-3 py-2">
        <p className="mb-2 text-xs text-ink-3">{t('sheet.signedNote')}</p>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          {rows.map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-ink-3">{label}</dt>
              <dd className="text-end">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </details>
  );
}

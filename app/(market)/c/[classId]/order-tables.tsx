'use client';
import { useTranslations } from 'use-intl';
import { Empty } from '#app/_components/empty.tsx';
import { HeldRows } from '#app/_components/held-rows.tsx';
import { type OrderDraft, offerDraft, serveDraft } from '#app/_components/order-sheet/draft.ts';
import { Button, Chip, Panel, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { ClassPage, ListingView } from '#server/trpc/views.ts';

type TableProps = { readonly page: ClassPage; readonly onStart: (draft: Omit<OrderDraft, 'card'>) => void };

export function Listings({ page, onStart }: TableProps) {
  const t = useTranslations();
  return (
    <Panel title={`${t('kind.listings')} (${page.listings.length})`} flush id="listings">
      {page.listings.length === 0 ? (
        <Empty title={t('kind.listingsEmpty')} />
      ) : (
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('portfolio.item')}</th>
              <th>{t('kind.seller')}</th>
              <th>{t('kind.until')}</th>
              <th className="end">{t('kind.price')}</th>
              <th>
                <span className="sr-only">{t('kind.buy')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {page.listings.map((listing) => (
              <tr key={listing.orderId}>
                <td>
                  <span className="flex flex-wrap gap-x-2">
                    {listing.items.map(({ itemId, serialNo }) => (
                      <TextLink key={itemId} href={`/i/${itemId}`} className="num">
                        {t('item.serial', { number: serialNo })}
                      </TextLink>
                    ))}
                  </span>
                </td>
                <td data-label={t('kind.seller')}>
                  <span>
                    <TextLink href={`/sellers/${listing.sellerRef}`}>{listing.sellerName}</TextLink>{' '}
                    {listing.namedBuyer === null ? null : (
                      <Chip tone="accent">{t('sheet.wish.onlyFor', { name: listing.namedBuyer })}</Chip>
                    )}
                  </span>
                </td>
                <td data-label={t('kind.until')}>
                  <Time at={listing.expiresAt} style="day" />
                </td>
                <td data-label={t('kind.price')} className="end font-semibold">
                  <Yuan fen={listing.priceFen} />
                </td>
                <td className="end">
                  {listing.isMine ? (
                    <Chip tone="accent">{t('kind.mine')}</Chip>
                  ) : listing.state === 'live' ? (
                    <span className="inline-flex flex-wrap justify-end gap-2">
                      {listing.items.length === 1 ? <OfferButton page={page} listing={listing} onStart={onStart} /> : null}
                      <Button
                        tone="primary"
                        onClick={() =>
                          onStart({
                            intent: 'take_listing',
                            side: 'buy',
                            targetOrderId: listing.orderId,
                            itemIds: listing.items.map(({ itemId }) => itemId),
                            priceFen: listing.priceFen,
                            isPriceOpen: false,
                            quantity: listing.items.length,
                            isQuantityOpen: false,
                            itemNote: listing.items.map(({ serialNo }) => t('item.serial', { number: serialNo })).join(', '),
                          })
                        }
                      >
                        {t('kind.buy')}
                      </Button>
                    </span>
                  ) : (
                    <Chip tone="wait">{t(`kind.${listing.state}`)}</Chip>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** A price of one's own for what is listed (P-24). */
function OfferButton({ page, listing, onStart }: TableProps & { readonly listing: ListingView }) {
  const t = useTranslations();
  const [item] = listing.items;
  if (item === undefined) return null;
  const itemNote = t('item.serial', { number: item.serialNo });
  const facts = { smallestFen: listing.smallestOfferFen, listing };
  return <Button onClick={() => onStart(offerDraft({ card: page.card, itemNote }, item.itemId, facts))}>{t('offers.tab')}</Button>;
}

export function BuyOrders({ page, onStart }: TableProps) {
  const t = useTranslations();
  const free = page.mine.filter((item) => item.isFree);
  const orders = page.buyOrders.filter((order) => order.mechanism !== 'price_time');
  return (
    <Panel title={`${t('kind.buyOrders')} (${orders.length})`} flush id="buy-orders">
      {orders.length === 0 ? (
        <Empty title={t('kind.buyOrdersEmpty')} />
      ) : (
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('kind.buyer')}</th>
              <th className="end">{t('kind.quantity')}</th>
              <th>{t('kind.until')}</th>
              <th className="end">{t('kind.price')}</th>
              <th>
                <span className="sr-only">{t('kind.sellTo')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {orders.map((order) => (
              <tr key={order.orderId}>
                <td data-label={t('kind.buyer')}>
                  {order.buyerName}
                  {order.expression === null ? null : (
                    <code className="block max-w-72 truncate text-xs text-ink-3" title={order.expression}>
                      {order.expression}
                    </code>
                  )}
                </td>
                <td data-label={t('kind.quantity')} className="num end">
                  {order.leavesQuantity}
                  {needed(order) > 1 ? (
                    <span className="block text-xs text-ink-3">{t('kind.fillFrom', { count: needed(order) })}</span>
                  ) : null}
                </td>
                <td data-label={t('kind.until')}>
                  <Time at={order.expiresAt} style="day" />
                </td>
                <td data-label={t('kind.price')} className="end font-semibold">
                  <Yuan fen={order.priceFen} />
                </td>
                <td className="end">
                  {order.isMine ? (
                    <Chip tone="accent">{t('kind.mine')}</Chip>
                  ) : (
                    <Button
                      disabled={free.length < needed(order)}
                      title={free.length < needed(order) ? t('kind.nothingToSell') : undefined}
                      onClick={() => {
                        const given = free.slice(0, needed(order));
                        onStart(
                          serveDraft(
                            {
                              card: page.card,
                              itemIds: given.map(({ itemId }) => itemId),
                              itemNote: given.map(({ serialNo }) => t('item.serial', { number: serialNo })).join(', '),
                            },
                            order,
                          ),
                        );
                      }}
                    >
                      {t('kind.sellTo')}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** Units that this order takes at once at least. */
function needed({ smallestFill, leavesQuantity }: ClassPage['buyOrders'][number]): number {
  return Math.min(smallestFill, leavesQuantity);
}

export function RecentTrades({ page }: { readonly page: ClassPage }) {
  const t = useTranslations();
  return (
    <Panel title={t('kind.trades')} flush id="trades">
      {page.recentTrades.length === 0 ? (
        <Empty title={t('kind.tradesEmpty')} />
      ) : (
        <HeldRows rows={page.recentTrades} keyOf={({ tradeId }) => tradeId}>
          {(shown) => (
            <table className="data-table">
              <thead>
                <tr>
                  <th>{t('kind.time')}</th>
                  <th className="end">{t('kind.quantity')}</th>
                  <th className="end">{t('kind.price')}</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((trade) => (
                  <tr key={trade.tradeId}>
                    <td>
                      <Time at={trade.at} />
                    </td>
                    <td className="num end">{trade.quantity}</td>
                    <td className="end font-semibold">
                      <Yuan fen={trade.priceFen} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </HeldRows>
      )}
    </Panel>
  );
}

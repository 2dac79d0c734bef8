'use client';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { typeName } from '#app/_client/catalogue-words.ts';
import { formatCount, formatTime, formatYuan } from '#app/_client/format.ts';
import { ObjectionButton } from '#app/_components/claims/objection-button.tsx';
import { ReportButton } from '#app/_components/claims/report-button.tsx';
import { type GiveItem, GiveSheet } from '#app/_components/gifts/give-sheet.tsx';
import { HiddenNote } from '#app/_components/hidden-note.tsx';
import { ItemName, Plate, Rarity, useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { type OrderDraft, offerDraft, serveDraft } from '#app/_components/order-sheet/draft.ts';
import { OrderSheet } from '#app/_components/order-sheet/lazy-order-sheet.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { useRefusalSentence } from '#app/_components/refusal-note.tsx';
import { Restrictions } from '#app/_components/restrictions.tsx';
import { useMe } from '#app/_components/session.tsx';
import { SunsetNotice } from '#app/_components/sunset-notice.tsx';
import { Button, Chip, type ChipTone, Id, LinkButton, PageTitle, Panel, Skeleton, Stat, TextLink, Yuan } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import type { ItemPage, ItemState } from '#server/trpc/views.ts';
import { Attributes, Contents } from '../../c/[classId]/attributes.tsx';
import { Passport } from './passport.tsx';

const ITEM_TONE: Record<ItemState, ChipTone> = {
  free: 'good',
  listed: 'accent',
  held: 'wait',
  protected: 'wait',
  frozen: 'bad',
  burned: 'bad',
};

const PROMISED = ['item_held', 'item_given'];

export default function ItemScreen() {
  const { itemId } = useParams<{ itemId: string }>();
  const page = useQuery({ queryKey: ['item', itemId], queryFn: () => api.item.get(itemId), refetchInterval: 15_000 });
  const classId = page.data?.card.classId;
  const me = useMe();
  useRoom('/market', classId === undefined ? null : `class:${classId}`, [['item', itemId]]);
  // A freeze is told to its holder alone; everybody else sees it with the next look.
  useRoom('/player', me ? `player:${me.acct}` : null, [['item', itemId]]);
  return (
    <Loaded query={page} skeleton={<Skeleton className="h-[70vh]" />}>
      {(data) => <Item page={data} />}
    </Loaded>
  );
}

function Item({ page }: { readonly page: ItemPage }) {
  const t = useTranslations();
  const name = useName();
  const { locale } = usePreferences();
  const [draft, setDraft] = useState<OrderDraft | null>(null);
  const [giving, setGiving] = useState<readonly GiveItem[] | null>(null);
  const sentence = useRefusalSentence();
  const { card, listing } = page;
  const serial = t('item.serial', { number: page.serialNo });
  const buy = () => {
    if (listing === null) return;
    setDraft({
      intent: 'take_listing',
      side: 'buy',
      card,
      targetOrderId: listing.orderId,
      itemIds: listing.items.map(({ itemId }) => itemId),
      priceFen: listing.priceFen,
      isPriceOpen: false,
      quantity: listing.items.length,
      isQuantityOpen: false,
      itemNote: serial,
    });
  };
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_340px] lg:grid-rows-[auto_1fr]">
      <PageTitle text={`${name(card.names)} ${serial}`} />
      <section className="notch grid min-w-0 grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-3 border border-line bg-card p-4 sm:gap-x-6 sm:p-5">
        <div className="sm:row-span-2">
          <Plate icon={card.icon} rarity={card.rarity} category={card.category} size="hero" />
        </div>
        <div className="min-w-0 space-y-2">
          <p className="text-[13px] text-ink-3">{typeName(card, locale)}</p>
          <h1 className="text-xl leading-tight font-bold sm:text-2xl">
            <ItemName names={card.names} /> <span className="num font-normal text-ink-2">{serial}</span>
          </h1>
          <p className="flex flex-wrap items-center gap-2 text-[13px]">
            <Rarity rarity={card.rarity} refinement={card.refinement} />
            <Chip tone={ITEM_TONE[page.state]}>{t(`itemState.${page.state}`)}</Chip>
            {page.stateUntil === null ? null : (
              <span className="num text-ink-2">{t('item.until', { time: formatTime(locale, page.stateUntil, 'full') })}</span>
            )}
            {/* That it is listed, promised or frozen is said by its state; what to do about it concerns its holder alone, and why it is frozen stands below. */}
            {page.stateReason === null ||
            page.stateReason === 'item_frozen' ||
            (PROMISED.includes(page.stateReason) && !page.isMine) ? null : (
              <span className="text-ink-2">{sentence({ code: page.stateReason, message: page.stateMessage })}</span>
            )}
            {page.certified ? <Chip tone="good">{t('tradeState.certified')}</Chip> : <Chip tone="wait">{t('sheet.waiting')}</Chip>}
          </p>
        </div>
        <dl className="col-span-2 grid grid-cols-2 gap-3 sm:col-span-1 sm:col-start-2 sm:grid-cols-4">
          <Stat label={t('item.owner')}>
            <span className="block truncate text-sm">{page.isMine ? t('item.mine') : page.ownerName}</span>
          </Stat>
          <Stat label={t('portfolio.serial')}>
            <span className="text-sm whitespace-normal">
              {t('item.serialOf', { number: page.serialNo, total: formatCount(page.terms.issued) })}
            </span>
          </Stat>
          <Stat label={t('item.ledgerSerial')}>{page.ledgerSerial}</Stat>
          <Stat label={t('item.version')}>{page.version}</Stat>
        </dl>
      </section>
      {/* What it costs and what can be done stands right below the head on a phone, beside everything on a desk. */}
      <div className="min-w-0 lg:col-start-2 lg:row-span-2 lg:row-start-1">
        <Panel>
          <div className="space-y-3">
            <dl>
              <Stat label={t('item.listing')} large>
                {listing === null ? (
                  <span className="text-base font-normal text-ink-2">{t('item.notListed')}</span>
                ) : (
                  <Yuan fen={listing.priceFen} />
                )}
              </Stat>
            </dl>
            {listing === null || page.isMine || listing.isMine ? null : (
              <Button tone="primary" className="w-full" disabled={listing.state !== 'live'} onClick={buy}>
                {t('item.quote')}
              </Button>
            )}
            {page.isMine ? null : <Offer page={page} note={serial} onStart={setDraft} />}
            {page.isMine && page.state === 'free' ? (
              <LinkButton tone="primary" className="w-full" href={`/sell?item=${page.itemId}`}>
                {t('item.sell')}
              </LinkButton>
            ) : null}
            {page.isMine && page.state === 'free' && page.terms.isGiftable ? (
              <Button className="w-full" onClick={() => setGiving([page])}>
                {t('gifts.give')}
              </Button>
            ) : null}
            <BuyOrders page={page} note={serial} onStart={setDraft} />
            <LinkButton className="w-full" href={`/c/${card.classId}`}>
              {t('item.kind')}
            </LinkButton>
            <p className="flex flex-wrap items-center gap-1 text-xs text-ink-3">
              <Id value={page.itemId} /> <TextLink href="/verify">{t('nav.verify')}</TextLink>
            </p>
          </div>
        </Panel>
      </div>
      <div className="min-w-0 space-y-5">
        <SunsetNotice gameIds={[card.gameId]}>
          {page.isMine ? (
            <TextLink href="#passport" className="inline-flex min-h-11 items-center sm:min-h-6">
              {t('sunset.toPassport')}
            </TextLink>
          ) : null}
        </SunsetNotice>
        {page.isHidden ? <HiddenNote /> : null}
        {page.isMine ? <Restrictions targetIds={[page.itemId]} /> : <ReportButton page={page} />}
        {page.listing?.state === 'publicity' && !page.isMine ? <ObjectionButton subjectId={page.listing.orderId} /> : null}
        <Passport page={page} />
        <Attributes rows={page.attributes} changes={page.attributeChanges} places={page.attributePlaces} />
        <Contents rows={page.contents} />
        <p className="num text-xs text-ink-3">{t('foot.height', { height: formatCount(page.height) })}</p>
      </div>
      <OrderSheet draft={draft} onClose={() => setDraft(null)} />
      <GiveSheet items={giving} onClose={() => setGiving(null)} />
    </div>
  );
}

/** A price of one's own, or the thread that one has already. */
function Offer(props: { readonly page: ItemPage; readonly note: string; readonly onStart: (draft: OrderDraft) => void }) {
  const t = useTranslations('offers');
  const { card, itemId, offers, listing } = props.page;
  if (offers.offerId !== null)
    return (
      <LinkButton className="w-full" href="/orders?tab=offers">
        {t('see')}
      </LinkButton>
    );
  if (!offers.isOpen) return null;
  return (
    <div>
      <Button
        className="w-full"
        onClick={() => props.onStart(offerDraft({ card, itemNote: props.note }, itemId, { smallestFen: offers.smallestFen, listing }))}
      >
        {t('make')}
      </Button>
      {offers.smallestFen === null ? null : (
        <p className="num mt-1 text-center text-xs text-ink-3">{t('smallest', { amount: formatYuan(offers.smallestFen) })}</p>
      )}
    </div>
  );
}

/** What people pay for one like this; its owner can sell to one of them here. */
function BuyOrders(props: { readonly page: ItemPage; readonly note: string; readonly onStart: (draft: OrderDraft) => void }) {
  const t = useTranslations();
  const { card, itemId, isMine, state, buyOrders } = props.page;
  if (buyOrders.length === 0) return null;
  return (
    <section>
      <h2 className="text-[13px] font-semibold">{t('kind.buyOrders')}</h2>
      <ul className="divide-y divide-line text-[13px]">
        {buyOrders.map((order) => (
          <li key={order.orderId} className="flex items-center justify-between gap-2 py-1.5">
            <span className="min-w-0">
              <Yuan fen={order.priceFen} className="font-semibold" /> <span className="text-ink-3">× {order.leavesQuantity}</span>
              {order.expression === null ? null : <code className="block truncate text-xs text-ink-3">{order.expression}</code>}
            </span>
            {!isMine || order.isMine ? null : (
              <Button
                disabled={state !== 'free' || Math.min(order.smallestFill, order.leavesQuantity) > 1}
                onClick={() => props.onStart(serveDraft({ card, itemIds: [itemId], itemNote: props.note }, order))}
              >
                {t('kind.sellTo')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

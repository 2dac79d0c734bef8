'use client';
/** One thread: who named which price when, how long the last step stands, and the buttons that are mine. */
import clsx from 'clsx';
import { useTranslations } from 'use-intl';
import { formatYuan } from '#app/_client/format.ts';
import { KindLine } from '#app/_components/item-art.tsx';
import type { OrderDraft } from '#app/_components/order-sheet/draft.ts';
import { useNow } from '#app/_components/providers.tsx';
import { TimeLeft } from '#app/_components/time-left.tsx';
import { Button, Chip, type ChipTone, LinkButton, Time, Yuan } from '#app/_components/ui.tsx';
import type { OfferRoundView, OfferState, OfferThreadView, OrderView } from '#server/trpc/views.ts';

const TONE: Record<OfferState, ChipTone> = { open: 'accent', accepted: 'good', withdrawn: 'plain', expired: 'plain', ended: 'plain' };

type Acts = { readonly onStart: (draft: OrderDraft) => void; readonly onWithdraw: (order: OrderView) => void };

export function OfferThread({ thread, ...acts }: { readonly thread: OfferThreadView } & Acts) {
  const t = useTranslations();
  const { card, rounds } = thread;
  return (
    <li className="space-y-3 rounded-lg border border-line bg-card p-3 shadow-card" data-offer={thread.offerId} data-state={thread.state}>
      <div className="flex flex-wrap items-start justify-between gap-2">
        <KindLine
          href={`/i/${thread.itemId}`}
          names={card.names}
          icon={card.icon}
          rarity={card.rarity}
          note={`${t('item.serial', { number: thread.serialNo })} · ${t(thread.mine === 'buyer' ? 'offers.asBuyer' : 'offers.asHolder')}`}
        />
        <span className="flex flex-wrap items-center gap-1">
          <Chip tone={TONE[thread.state]}>{t(`offers.state.${thread.state}`)}</Chip>
          {thread.canAnswer ? <Chip tone="wait">{t('offers.yourTurn')}</Chip> : null}
        </span>
      </div>
      <p className="text-[13px] text-ink-2">
        {t('offers.with', { name: thread.otherName })}
        {thread.state !== 'open'
          ? ''
          : ` · ${thread.listingFen === null ? t('offers.unlisted') : t('offers.listedAt', { amount: formatYuan(thread.listingFen) })}`}
      </p>
      <ol className="space-y-1.5">
        {rounds.map((round) => (
          <Round key={round.round} round={round} thread={thread} />
        ))}
      </ol>
      {thread.reason === null || thread.state !== 'ended' ? null : <Reason reason={thread.reason} />}
      <Foot thread={thread} {...acts} />
    </li>
  );
}

function Round({ round, thread }: { readonly round: OfferRoundView; readonly thread: OfferThreadView }) {
  const t = useTranslations('offers');
  const isOpen = round.state === 'open';
  return (
    <li
      className={clsx(
        'w-fit max-w-full min-w-[70%] rounded-md border px-3 py-2',
        round.isMine ? 'ms-auto border-accent/40 bg-accent-soft' : 'border-line bg-sunk',
      )}
      data-round={round.round}
      data-by={round.isMine ? 'me' : 'other'}
    >
      <p className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="font-medium">{round.isMine ? t('by.me') : t('by.other', { name: thread.otherName })}</span>
        <Yuan fen={round.priceFen} className={clsx('font-semibold', !isOpen && round.state !== 'accepted' && 'text-ink-3')} />
      </p>
      <p className="flex flex-wrap justify-between gap-x-4 text-xs text-ink-3">
        <span>
          {t('round', { round: round.round, most: thread.roundsMax })} · <Time at={round.placedAt} />
        </span>
        <span>{isOpen ? <Left until={round.expiresAt} /> : t(`step.${round.state}`)}</span>
      </p>
    </li>
  );
}

/** How long, and until when: a countdown alone says nothing an hour later. */
function Left({ until }: { readonly until: string }) {
  const t = useTranslations('offers');
  return (
    <span className="num">
      <TimeLeft until={until} soon="hour" /> · {t('ends')} <Time at={until} />
    </span>
  );
}

const REASONS = ['item_moved', 'listing_ended', 'key_epoch_stale', 'studio_sunset', 'market_halted'] as const;

function Reason({ reason }: { readonly reason: string }) {
  const t = useTranslations('offers.reason');
  return <p className="text-[13px] text-ink-2">{t(REASONS.find((known) => known === reason) ?? 'other')}</p>;
}

function Foot({ thread, onStart, onWithdraw }: { readonly thread: OfferThreadView } & Acts) {
  const t = useTranslations('offers');
  const now = useNow(10_000);
  const { order, withdrawFrom, tradeId } = thread;
  const step = thread.rounds.find(({ state }) => state === 'open');
  if (tradeId !== null) return <LinkButton href={`/trades/${tradeId}`}>{t('trade')}</LinkButton>;
  if (step === undefined) return null;
  if (order !== null && withdrawFrom !== null) {
    const isEarly = now === null || now < Date.parse(withdrawFrom);
    return (
      <div className="flex flex-wrap items-center gap-2">
        <Button tone="danger" disabled={isEarly} onClick={() => onWithdraw(order)}>
          {t('withdraw')}
        </Button>
        <span className="text-xs text-ink-3">
          {isEarly ? t('withdrawAt') : t('waiting')} {isEarly ? <Time at={withdrawFrom} /> : null}
        </span>
      </div>
    );
  }
  if (!thread.canAnswer) return null;
  return (
    <div className="space-y-1">
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" onClick={() => onStart(acceptDraft(thread, step))}>
          {t('accept', { amount: formatYuan(step.priceFen) })}
        </Button>
        {thread.canCounter ? <Button onClick={() => onStart(counterDraft(thread, step))}>{t('counter')}</Button> : null}
      </div>
      {thread.canCounter ? null : <p className="text-xs text-ink-3">{t('lastRound')}</p>}
    </div>
  );
}

function acceptDraft(thread: OfferThreadView, step: OfferRoundView): OrderDraft {
  return { ...answerDraft(thread, step), intent: thread.mine === 'holder' ? 'accept_offer' : 'accept_counter', isPriceOpen: false };
}

function counterDraft(thread: OfferThreadView, step: OfferRoundView): OrderDraft {
  const offer = { isAnswer: true, smallestFen: null, listingFen: thread.listingFen };
  return { ...answerDraft(thread, step), intent: thread.mine === 'holder' ? 'counter' : 'offer', isPriceOpen: true, offer };
}

function answerDraft(
  { card, itemId, mine }: OfferThreadView,
  { orderId, priceFen }: OfferRoundView,
): Omit<OrderDraft, 'intent' | 'isPriceOpen'> {
  return {
    side: mine === 'holder' ? 'sell' : 'buy',
    card,
    itemIds: [itemId],
    targetOrderId: orderId,
    priceFen,
    quantity: 1,
    isQuantityOpen: false,
  };
}

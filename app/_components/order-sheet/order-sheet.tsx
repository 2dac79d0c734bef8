'use client';
/** From intention to signed order (P-18 to P-22): price and quantity, the quote, the passphrase if the key is locked, the signature, the
 *  answer. *Done* appears after the server's commit, *certified* after the members' (Q-10). */
import { useQueryClient } from '@tanstack/react-query';
import { LockKeyhole, PenLine } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, isUnsure, type QuoteInput, readRefusal, traceIdOf } from '#app/_client/api.ts';
import { browserClock } from '#app/_client/clock.ts';
import { formatYuan, parseYuan } from '#app/_client/format.ts';
import type { PayFrom, PlaceOrderAnswer, Quote, Refusal, ReplaceOrderAnswer, TimeInForce } from '#server/trpc/views.ts';
import { ItemName, Plate } from '../item-art.tsx';
import { SignInFirst } from '../loaded.tsx';
import { useSigner } from '../passphrase.tsx';
import { useNow, useOnline } from '../providers.tsx';
import { RefusalNote } from '../refusal-note.tsx';
import { useMe } from '../session.tsx';
import { Sheet } from '../sheet.tsx';
import { Button, Field, LinkButton, Segments, Skeleton, Time } from '../ui.tsx';
import { BestBuyOrder } from './best-buy-order.tsx';
import { BuyWish, useBuyWishes, wishInput } from './buy-wish.tsx';
import { CONFIRM, type OrderDraft, TITLES } from './draft.ts';
import { ListingWish, listingInput, useListingWishes } from './listing-wish.tsx';
import { OFFER_HOURS, type OfferHours, OfferWish } from './offer-wish.tsx';
import { PlacedNote } from './placed-note.tsx';
import { QuoteLines } from './quote-lines.tsx';
import { SignedFields } from './signed-fields.tsx';
import { useQuote } from './use-quote.ts';

export function OrderSheet({ draft, onClose }: { readonly draft: OrderDraft | null; readonly onClose: () => void }) {
  const t = useTranslations('sheet');
  // Something better on the way: the cheapest listing instead of a buy order, a buy order instead of a listing.
  const [swap, setSwap] = useState<{ readonly from: OrderDraft; readonly to: OrderDraft } | null>(null);
  const shown = swap !== null && swap.from === draft ? swap.to : draft;
  return (
    <Sheet
      open={shown !== null}
      title={shown === null ? '' : t(shown.replaces === undefined ? TITLES[shown.intent] : 'editTitle')}
      onClose={onClose}
    >
      {shown === null || draft === null ? null : (
        <Ticket
          key={`${shown.intent} ${shown.targetOrderId ?? ''}`}
          draft={shown}
          onClose={onClose}
          onReplace={(to) => setSwap({ from: draft, to })}
        />
      )}
    </Sheet>
  );
}

type Answer = PlaceOrderAnswer | ReplaceOrderAnswer;
type Placed = Extract<PlaceOrderAnswer, { kind: 'placed' }>;

function Ticket({
  draft,
  onClose,
  onReplace,
}: {
  readonly draft: OrderDraft;
  readonly onClose: () => void;
  readonly onReplace: (draft: OrderDraft) => void;
}) {
  const t = useTranslations();
  const me = useMe();
  const [placed, setPlaced] = useState<Placed | null>(null);
  const [priceText, setPriceText] = useState(draft.priceFen === null ? '' : formatYuan(draft.priceFen).replace(' 元', ''));
  const [quantityText, setQuantityText] = useState(String(draft.quantity));
  const [timeInForce, setTimeInForce] = useState<TimeInForce>('gtc');
  const [payFrom, setPayFrom] = useState<PayFrom>('balance');
  const [wishes, setWishes] = useBuyWishes(draft);
  const [selling, setSelling] = useListingWishes();
  const [hours, setHours] = useState<OfferHours>(OFFER_HOURS);
  const isOffer = draft.intent === 'offer' || draft.intent === 'counter';
  const wish =
    draft.intent === 'buy_order'
      ? wishInput(wishes)
      : draft.intent === 'listing'
        ? listingInput(selling)
        : isOffer
          ? { lifeHours: hours }
          : {};
  const priceFen = parseYuan(priceText);
  const quantity = /^\d{1,3}$/.test(quantityText) ? Number(quantityText) : 0;
  const most = draft.itemIds?.length ?? 100;
  const isReady = priceFen !== null && priceFen > 0n && quantity >= 1 && quantity <= most;
  const input: QuoteInput | null =
    isReady && wish !== null
      ? {
          ...wish,
          intent: draft.intent,
          classId: draft.card.classId,
          // Of a listing of several items the first ones stay; of what may be sold in the book the first ones go.
          ...(draft.itemIds === undefined ? {} : { itemIds: draft.isQuantityOpen ? draft.itemIds.slice(0, quantity) : draft.itemIds }),
          ...(draft.replaces === undefined ? {} : { replaces: draft.replaces.orderId }),
          ...(draft.targetOrderId === undefined ? {} : { targetOrderId: draft.targetOrderId }),
          priceFen: priceFen.toString(),
          quantity,
          timeInForce,
          ...(draft.intent === 'take_listing' ? { payFrom } : {}),
        }
      : null;
  if (me === null) return <SignInFirst />;
  if (placed !== null) return <PlacedNote draft={draft} answer={placed} onClose={onClose} />;
  const hint = (label: string, fen: string | null) =>
    fen === null ? null : (
      <Button
        key={label}
        tone="quiet"
        className="min-h-9 px-1.5 text-[13px] sm:min-h-7"
        onClick={() => setPriceText(formatYuan(fen).replace(' 元', ''))}
      >
        {label} {formatYuan(fen)}
      </Button>
    );
  return (
    <div className="space-y-4">
      <div className="flex items-center gap-3">
        <Plate icon={draft.card.icon} rarity={draft.card.rarity} category={draft.card.category} size="small" />
        <p className="min-w-0">
          <ItemName names={draft.card.names} className="block truncate font-semibold" />
          {draft.itemNote === undefined ? null : <span className="text-[13px] text-ink-2">{draft.itemNote}</span>}
        </p>
      </div>
      {draft.isPriceOpen ? (
        <div>
          <Field
            label={t('sheet.price')}
            value={priceText}
            inputMode="decimal"
            autoComplete="off"
            placeholder="0.00"
            suffix="元"
            align="end"
            error={priceText !== '' && (priceFen === null || priceFen <= 0n) ? t('sheet.enterPrice') : null}
            onChange={(event) => setPriceText(event.target.value)}
          />
          <div className="-ms-4 flex flex-wrap">
            {hint(t('kind.lowest'), draft.card.lowestListingFen)}
            {hint(t('kind.highest'), draft.card.highestBuyFen)}
            {hint(t('kind.reference'), draft.card.referenceFen)}
          </div>
        </div>
      ) : null}
      {draft.isQuantityOpen ? (
        <Field
          label={t('sheet.quantity')}
          value={quantityText}
          inputMode="numeric"
          autoComplete="off"
          align="end"
          error={quantity < 1 || quantity > most ? t('sheet.enterQuantity', { most }) : null}
          onChange={(event) => setQuantityText(event.target.value)}
        />
      ) : null}
      {draft.intent === 'matched' ? (
        <div>
          <p className="mb-1 text-[13px] font-medium text-ink-2">{t('sheet.tif')}</p>
          <Segments
            label={t('sheet.tif')}
            value={timeInForce}
            options={(['gtc', 'ioc', 'fok'] as const).map((value) => ({ value, label: t(`sheet.tifs.${value}`) }))}
            onChange={setTimeInForce}
          />
        </div>
      ) : null}
      {draft.intent === 'take_listing' ? (
        <div>
          <p className="mb-1 text-[13px] font-medium text-ink-2">{t('sheet.payFrom')}</p>
          <Segments
            label={t('sheet.payFrom')}
            value={payFrom}
            options={(['balance', 'outside'] as const).map((value) => ({ value, label: t(`sheet.payFroms.${value}`) }))}
            onChange={setPayFrom}
          />
          {payFrom === 'outside' ? <p className="mt-1 text-xs text-ink-3">{t('sheet.payOutsideText')}</p> : null}
        </div>
      ) : null}
      {draft.intent === 'buy_order' ? <BuyWish draft={draft} wishes={wishes} onChange={setWishes} onReplace={onReplace} /> : null}
      {isOffer ? <OfferWish draft={draft} hours={hours} onChange={setHours} /> : null}
      {draft.intent === 'listing' ? <ListingWish wishes={selling} hasBuyer={draft.replaces === undefined} onChange={setSelling} /> : null}
      {draft.intent === 'listing' && draft.replaces === undefined ? <BestBuyOrder draft={draft} onReplace={onReplace} /> : null}
      <Confirm key={draft.intent} draft={draft} input={input} onPlaced={setPlaced} onClose={onClose} />
    </div>
  );
}

function Confirm(props: {
  readonly draft: OrderDraft;
  readonly input: QuoteInput | null;
  readonly onPlaced: (answer: Placed) => void;
  readonly onClose: () => void;
}) {
  const t = useTranslations('sheet');
  const filledText = useTranslations('orders')('alreadyFilled');
  const me = useMe();
  const signer = useSigner();
  const isOnline = useOnline();
  const queryClient = useQueryClient();
  const [isSending, setSending] = useState(false);
  const [hasNoAnswer, setUnsure] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const { quote, changed, sleepingMs, error, isFetching, replace } = useQuote(props.input, isSending || hasNoAnswer);
  // Signed, sent, and no answer came: the next press sends the same bytes and so asks what became of them, instead of placing a second
  // order. Nothing is quoted anew before it is known.
  const unanswered = useRef<(() => Promise<Answer>) | null>(null);

  const { replaces: old } = props.draft;
  const send = async (chosen: Quote) => {
    if (unanswered.current !== null) return ask(unanswered.current);
    const [opened, signing] = await Promise.all([signer.open(), import('#app/_client/signing.ts')]);
    if (opened === null) return;
    const referenceId = signing.newReferenceId();
    const door = doorOf(props.draft);
    if (old === undefined) {
      const input = signing.signQuotedOrder(opened, chosen, referenceId);
      unanswered.current = () => door.send(input);
    } else {
      const input = signing.signReplacement(opened, old, chosen, referenceId, browserClock.nowMs());
      unanswered.current = () => api.order.replace(input);
    }
    await ask(unanswered.current);
  };
  const ask = async (send: () => Promise<Answer>) => {
    const answer = await send();
    unanswered.current = null;
    setUnsure(false);
    if (answer.kind === 'already_filled') {
      setRefusal({ code: answer.kind, message: filledText, traceId: traceIdOf('order.replace') });
      void queryClient.invalidateQueries({ queryKey: ['orders'] });
      return;
    }
    if (answer.kind !== 'rejected') {
      props.onPlaced({ ...answer, kind: 'placed' });
      void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'quote' });
      return;
    }
    if (answer.freshQuote !== null) replace(answer.freshQuote);
    setRefusal({
      code: answer.code,
      message: answer.message,
      traceId: traceIdOf(old === undefined ? doorOf(props.draft).name : 'order.replace'),
      facts: answer.facts,
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (quote === undefined || isSending || sleepingMs > 0) return;
    setSending(true);
    setRefusal(null);
    void send(quote)
      .catch((thrown: unknown) => {
        const read = readRefusal(thrown);
        const isOpen = unanswered.current !== null && isUnsure(read);
        if (!isOpen) unanswered.current = null;
        setUnsure(isOpen);
        setRefusal(read);
      })
      .finally(() => setSending(false));
  };

  if (props.input === null) return null;
  const shown = refusal ?? (error === null ? null : readRefusal(error));
  return (
    <form onSubmit={submit} className="space-y-4">
      {quote === undefined ? error === null ? <Skeleton className="h-72" /> : null : <QuoteLines quote={quote} changed={changed} />}
      {quote === undefined ? null : <SignedFields document={quote.document} />}
      {shown === null ? null : (
        // Below the fold of a long quote nobody would see why the press did nothing.
        <div ref={showNote} className="scroll-mb-28">
          <RefusalNote refusal={shown}>
            {hasNoAnswer ? <p>{t('noAnswer')}</p> : null}
            <NextStep code={shown.code} level={shown.facts?.requiredLevel} classId={props.draft.card.classId} onLeave={props.onClose} />
          </RefusalNote>
        </div>
      )}
      {me?.hasRecovery === false ? (
        <RefusalNote refusal={{ code: 'recovery_required', message: '', traceId: '' }}>
          <NextStep code="recovery_required" classId={props.draft.card.classId} onLeave={props.onClose} />
        </RefusalNote>
      ) : null}
      {signer.field}
      <div className="sticky bottom-0 -mx-4 -mb-4 space-y-1 border-t border-line bg-card p-4">
        <Button
          type="submit"
          tone="primary"
          className="min-h-12 w-full text-base"
          disabled={quote === undefined || isSending || sleepingMs > 0 || !isOnline || me?.hasRecovery === false}
        >
          {signer.isAsked ? <LockKeyhole size={16} aria-hidden /> : <PenLine size={16} aria-hidden />}
          {isSending
            ? t('sending')
            : sleepingMs > 0
              ? t('sleeping', { seconds: Math.ceil(sleepingMs / 1_000) })
              : signer.isAsked
                ? t('unlock')
                : hasNoAnswer
                  ? t('askAgain')
                  : t(confirmKey(props.draft, props.input))}
        </Button>
        <Expiry quote={quote} isFetching={isFetching} />
      </div>
    </form>
  );
}

/** Steps of an offer have their own procedures. */
function doorOf({ intent, offer }: OrderDraft) {
  if (intent === 'accept_offer' || intent === 'accept_counter') return { name: 'offer.accept', send: api.offer.accept };
  if (intent === 'counter' || (intent === 'offer' && offer?.isAnswer === true)) return { name: 'offer.counter', send: api.offer.counter };
  return intent === 'offer' ? { name: 'offer.place', send: api.offer.place } : { name: 'order.place', send: api.order.place };
}

const showNote = (note: HTMLDivElement | null) => note?.scrollIntoView({ block: 'nearest' });

/** What the press does, in the words of its button. */
function confirmKey({ intent, replaces }: OrderDraft, input: QuoteInput) {
  if (replaces !== undefined) return 'confirmEdit';
  return input.payFrom === 'outside' ? 'confirmReserve' : CONFIRM[intent];
}

function Expiry({ quote, isFetching }: { readonly quote: Quote | undefined; readonly isFetching: boolean }) {
  const t = useTranslations('sheet');
  const now = useNow();
  // Counted from when it arrived, so that a wrong clock on this machine does not make a quote look expired.
  const arrived = useRef({ id: '', at: 0 });
  if (quote === undefined || now === null) return <p className="h-5" />;
  if (arrived.current.id !== quote.document.quoteId) arrived.current = { id: quote.document.quoteId, at: now };
  const life = Date.parse(quote.document.expiresAt) - Date.parse(quote.document.issuedAt);
  const left = Math.max(0, Math.round((arrived.current.at + life - now) / 1_000));
  return (
    <p className="num h-5 text-center text-xs text-ink-3">
      {left > 0 && !isFetching ? (
        <>
          {t('quoteUntil', { seconds: left })} · <Time at={quote.document.expiresAt} style="clock" />
        </>
      ) : (
        t('quoteExpired')
      )}
    </p>
  );
}

/** The step that a refusal names, one press away. */
function NextStep(props: {
  readonly code: string;
  /** The level that is missing, when that is the reason. */
  readonly level?: string | undefined;
  readonly classId: string;
  readonly onLeave: () => void;
}) {
  const t = useTranslations();
  const { code, level, classId, onLeave } = props;
  const back = typeof location === 'undefined' ? '/' : `${location.pathname}${location.search}`;
  const step = (name: string) => `/join?step=${name}&back=${encodeURIComponent(back)}`;
  if (code === 'insufficient_funds') return <LinkButton href="/money">{t('sheet.toMoney')}</LinkButton>;
  if (code === 'recovery_required') return <LinkButton href={step('recovery')}>{t('sheet.toRecovery')}</LinkButton>;
  if (code === 'level_required') {
    const isEnhanced = level === 'R3';
    return (
      <>
        {level === undefined ? null : <p>{t('sheet.levelMissing', { level })}</p>}
        <LinkButton href={step(isEnhanced ? 'enhanced' : 'card')}>{t(isEnhanced ? 'join.enhanced.title' : 'join.bind')}</LinkButton>
      </>
    );
  }
  if (code === 'mechanism_not_granted' || code === 'disclosure_outdated')
    return <LinkButton href="/experiments">{t('nav.experiment')}</LinkButton>;
  if (code.startsWith('SBX_CAP_'))
    return (
      <LinkButton href={`/c/${classId}#listings`} onClick={onLeave}>
        {t('sheet.offerFixed')}
      </LinkButton>
    );
  if (code === 'sign_in_required') return <LinkButton href="/sign-in">{t('nav.signIn')}</LinkButton>;
  return null;
}

'use client';
/** Gifts to me and from me (P-28), open ones first: accept, decline, take back, and how the others ended. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { browserClock } from '#app/_client/clock.ts';
import { formatYuan } from '#app/_client/format.ts';
import { KindLine } from '#app/_components/item-art.tsx';
import { QueryNotes } from '#app/_components/loaded.tsx';
import { useOnline } from '#app/_components/providers.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Chip, type ChipTone, Panel, Time } from '#app/_components/ui.tsx';
import type { Gift, GiftState, Refusal } from '#server/trpc/views.ts';
import { useSigner } from '../passphrase.tsx';
import { useGifts } from './use-gifts.ts';

const TONE: Record<GiftState, ChipTone> = {
  open: 'wait',
  given: 'good',
  declined: 'plain',
  withdrawn: 'plain',
  expired: 'plain',
  failed: 'bad',
};

/** Nothing is shown where nothing was ever given. */
export function GiftPanel() {
  const t = useTranslations('gifts');
  const query = useGifts();
  const gifts = query.data?.gifts ?? [];
  if (gifts.length === 0) return query.isError ? <QueryNotes query={query} /> : null;
  return (
    <Panel title={t('panel')} id="gifts" flush>
      <div className="px-4 pt-3 empty:hidden">
        <QueryNotes query={query} />
      </div>
      <ul className="divide-y divide-line">
        {gifts.map((gift) => (
          <GiftRow key={gift.giftId} gift={gift} />
        ))}
      </ul>
    </Panel>
  );
}

function GiftRow({ gift }: { readonly gift: Gift }) {
  const t = useTranslations();
  const isIncoming = gift.direction === 'incoming';
  return (
    <li className="space-y-2 px-4 py-3" data-gift={gift.giftId}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <KindLine
          href={`/i/${gift.itemId}`}
          names={gift.card.names}
          icon={gift.card.icon}
          rarity={gift.card.rarity}
          note={t('item.serial', { number: gift.serialNo })}
        />
        <span className="flex flex-wrap items-center gap-2 text-[13px]">
          {t(isIncoming ? 'gifts.incoming' : 'gifts.outgoing', { name: gift.other.name })}
          <Chip tone={TONE[gift.state]}>{t(`gifts.states.${gift.state}`)}</Chip>
          {gift.state === 'given' && !gift.isCertified ? <Chip tone="wait">{t('sheet.waiting')}</Chip> : null}
          <span className="text-ink-3">
            {gift.state === 'open' ? t('gifts.until') : null} <Time at={gift.endedAt ?? gift.acceptUntil} style="full" />
          </span>
          {gift.taxFen === null ? null : <span className="text-ink-2">{t('gifts.taxed', { tax: formatYuan(gift.taxFen) })}</span>}
        </span>
      </div>
      {gift.state === 'open' ? <Acts gift={gift} /> : null}
    </li>
  );
}

function Acts({ gift }: { readonly gift: Gift }) {
  const t = useTranslations();
  const signer = useSigner();
  const isOnline = useOnline();
  const queryClient = useQueryClient();
  const [isSending, setSending] = useState(false);
  const [isSure, setSure] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const isIncoming = gift.direction === 'incoming';
  const way = isIncoming ? 'decline' : 'withdraw';
  const run = (work: () => Promise<void>) => {
    setSending(true);
    setRefusal(null);
    work()
      .catch((thrown: unknown) => setRefusal(readRefusal(thrown)))
      .finally(() => {
        setSending(false);
        void queryClient.invalidateQueries();
      });
  };
  const accept = async () => {
    const opened = await signer.open();
    if (opened === null) return;
    const { signAcceptance } = await import('#app/_client/gift-signing.ts');
    const transfer = signAcceptance(opened, gift, browserClock.nowMs());
    if (transfer === null) setRefusal({ code: 'gift_window', message: '', traceId: '' });
    else await api.gift.accept({ giftId: gift.giftId, transfer });
  };
  const end = async () => {
    if (isSure) await api.gift.end(gift.giftId);
    else setSure(true);
  };
  return (
    <div className="space-y-2">
      {signer.field}
      <div className="flex flex-wrap items-center gap-2">
        {isIncoming ? (
          <Button tone="primary" disabled={isSending || !isOnline} onClick={() => run(accept)}>
            {isSending ? t('sheet.sending') : t('gifts.accept')}
          </Button>
        ) : null}
        <Button tone={isSure ? 'danger' : 'plain'} disabled={isSending || !isOnline} onClick={() => run(end)} onBlur={() => setSure(false)}>
          {isSure ? t(`gifts.sure.${way}`) : t(`gifts.${way}`)}
        </Button>
        {isIncoming ? <span className="text-xs text-ink-3">{t('gifts.acceptText')}</span> : null}
      </div>
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
    </div>
  );
}

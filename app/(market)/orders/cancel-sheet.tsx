'use client';
/** A cancel is signed by the player and has two answers: canceled, or already filled (P-27). */
import { useQueryClient } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, isUnsure, readRefusal, traceIdOf } from '#app/_client/api.ts';
import { browserClock } from '#app/_client/clock.ts';
import { KindLine } from '#app/_components/item-art.tsx';
import { useSigner } from '#app/_components/passphrase.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, LinkButton } from '#app/_components/ui.tsx';
import type { CancelOrderAnswer, CancelOrderInput, OrderView, Refusal } from '#server/trpc/views.ts';

type CancelProps<T> = {
  readonly order: T /** A step of an offer that is withdrawn. */;
  readonly isOffer?: boolean;
  readonly onClose: () => void;
};

export function CancelSheet({ order, isOffer = false, onClose }: CancelProps<OrderView | null>) {
  const t = useTranslations('orders');
  const offers = useTranslations('offers');
  return (
    <Sheet open={order !== null} title={isOffer ? offers('withdraw') : t('cancelTitle')} onClose={onClose}>
      {order === null ? null : <Cancel key={order.orderId} order={order} isOffer={isOffer} onClose={onClose} />}
    </Sheet>
  );
}

function Cancel({ order, isOffer = false, onClose }: CancelProps<OrderView>) {
  const t = useTranslations();
  const signer = useSigner();
  const queryClient = useQueryClient();
  const [answer, setAnswer] = useState<CancelOrderAnswer | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  // Kept until it is answered: the same bytes again ask what became of them.
  const signed = useRef<CancelOrderInput | null>(null);

  const cancel = async () => {
    if (signed.current === null) {
      const [opened, signing] = await Promise.all([signer.open(), import('#app/_client/signing.ts')]);
      if (opened === null) return;
      signed.current = signing.signCancel(opened, order, signing.newReferenceId(), browserClock.nowMs());
    }
    const send = isOffer ? api.offer.withdraw : api.order.cancel;
    const given = await send(signed.current);
    // An answer is given once for its reference: the next press asks anew.
    signed.current = null;
    if (given.kind !== 'rejected') setAnswer(given);
    else {
      const traceId = traceIdOf(isOffer ? 'offer.withdraw' : 'order.cancel');
      setRefusal({ code: given.code, message: given.message, traceId, facts: given.facts });
    }
    await queryClient.invalidateQueries();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(null);
    cancel()
      .catch((error: unknown) => {
        const read = readRefusal(error);
        if (!isUnsure(read)) signed.current = null;
        setRefusal(read);
      })
      .finally(() => setBusy(false));
  };
  if (answer !== null) {
    return (
      <div role="status" className="space-y-4 py-6 text-center" data-answer={answer.kind}>
        <CircleCheck size={40} className="mx-auto text-green" aria-hidden />
        <p className="text-lg font-semibold">{answer.kind === 'already_filled' ? t('orders.alreadyFilled') : t('orders.canceled')}</p>
        <div className="flex justify-center gap-2">
          {answer.kind === 'already_filled' ? <LinkButton href={`/trades/${answer.tradeId}`}>{t('sheet.toTrade')}</LinkButton> : null}
          <Button onClick={onClose}>{t('panel.close')}</Button>
        </div>
      </div>
    );
  }
  return (
    <form onSubmit={submit} className="space-y-4">
      <KindLine
        href={`/c/${order.classId}`}
        names={order.names}
        icon={order.icon}
        rarity={order.rarity}
        note={t(`intent.${order.intent}`)}
      />
      <p className="text-ink-2">{t(isOffer ? 'offers.withdrawText' : 'orders.cancelText')}</p>
      {signer.field}
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      <Button type="submit" tone="danger" className="w-full" disabled={isBusy}>
        {isBusy ? t('orders.canceling') : isOffer ? t('offers.withdraw') : t('orders.cancelConfirm')}
      </Button>
    </form>
  );
}

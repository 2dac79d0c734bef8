'use client';
/** Giving items away (P-28): to whom, what can go and what tax it means, one signature for all of them, an answer for each. */
import { useQueryClient } from '@tanstack/react-query';
import { Gift as GiftIcon, LockKeyhole } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { shortId } from '#app/_client/format.ts';
import type { SignedGift } from '#app/_client/gift-signing.ts';
import { ItemName } from '#app/_components/item-art.tsx';
import { useOnline } from '#app/_components/providers.tsx';
import { RefusalNote, useRefusalSentence } from '#app/_components/refusal-note.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, Field, Time, Yuan } from '#app/_components/ui.tsx';
import type { ClassCard, GiftQuote, GiftSendAnswer, Refusal } from '#server/trpc/views.ts';
import { useSigner } from '../passphrase.tsx';

export type GiveItem = { readonly itemId: string; readonly serialNo: number; readonly card: ClassCard };

export function GiveSheet({ items, onClose }: { readonly items: readonly GiveItem[] | null; readonly onClose: () => void }) {
  const t = useTranslations('gifts');
  return (
    <Sheet open={items !== null} title={t('title')} onClose={onClose}>
      {items === null ? null : <Give items={items} onClose={onClose} />}
    </Sheet>
  );
}

type Failed = readonly { readonly itemId: string; readonly code: string; readonly message: string }[];

function Give({ items, onClose }: { readonly items: readonly GiveItem[]; readonly onClose: () => void }) {
  const t = useTranslations('gifts');
  const [to, setTo] = useState('');
  const [quote, setQuote] = useState<GiftQuote | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [sent, setSent] = useState<{ readonly count: number; readonly failed: Failed } | null>(null);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    setRefusal(null);
    api.gift
      .quote({ itemIds: items.map(({ itemId }) => itemId), to })
      .then(setQuote, (thrown: unknown) => setRefusal(readRefusal(thrown)))
      .finally(() => setAsking(false));
  };
  if (sent !== null) {
    return (
      <div className="space-y-4" role="status">
        {sent.count === 0 ? null : (
          <>
            <p className="text-lg font-semibold">{t('sent', { count: sent.count })}</p>
            <p className="text-ink-2">{t('sentText')}</p>
          </>
        )}
        {sent.failed.length === 0 ? null : (
          <NotGoing title={t('failedRows', { count: sent.failed.length })} rows={sent.failed} items={items} />
        )}
        <Button tone="primary" className="w-full" onClick={onClose}>
          {t('done')}
        </Button>
      </div>
    );
  }
  return (
    <div className="space-y-4">
      {quote === null ? <Chosen items={items} /> : null}
      <form onSubmit={ask} className="space-y-3">
        <Field
          label={t('to')}
          help={t('toHelp')}
          value={to}
          maxLength={80}
          autoComplete="off"
          onChange={(event) => {
            setTo(event.target.value);
            setQuote(null);
          }}
        />
        {quote === null ? (
          <Button type="submit" className="w-full" disabled={to.trim() === '' || isAsking}>
            {isAsking ? t('checking') : t('check')}
          </Button>
        ) : null}
      </form>
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      {quote === null ? null : <Confirm quote={quote} items={items} onSent={setSent} />}
    </div>
  );
}

function Chosen({ items }: { readonly items: readonly GiveItem[] }) {
  const t = useTranslations('gifts');
  return (
    <section className="notch border border-line bg-sunk p-4">
      <h3 className="text-[13px] text-ink-2">{t('youGive')}</h3>
      <ul className="mt-1 max-h-60 space-y-1 overflow-y-auto text-[13px] font-medium">
        {items.map(({ itemId }) => (
          <li key={itemId}>
            <Named itemId={itemId} items={items} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Confirm(props: {
  readonly quote: GiftQuote;
  readonly items: readonly GiveItem[];
  readonly onSent: (sent: { readonly count: number; readonly failed: Failed }) => void;
}) {
  const t = useTranslations();
  const { quote, items } = props;
  const signer = useSigner();
  const isOnline = useOnline();
  const queryClient = useQueryClient();
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  // Signed once: pressing again after a lost answer sends the same bytes and gives nothing twice.
  const signed = useRef<readonly SignedGift[] | null>(null);
  const going = quote.rows.filter((row) => row.refusal === null);
  const staying = quote.rows.flatMap((row) => (row.refusal === null ? [] : [{ itemId: row.itemId, ...row.refusal }]));

  const send = async () => {
    const opened = await signer.open();
    if (opened === null) return;
    const [{ signGifts }, { newReferenceId }] = await Promise.all([
      import('#app/_client/gift-signing.ts'),
      import('#app/_client/signing.ts'),
    ]);
    signed.current ??= signGifts(opened, quote, newReferenceId);
    const rows = signed.current;
    const answers = await api.gift.sendMany(rows);
    void queryClient.invalidateQueries();
    props.onSent({ count: answers.filter(({ kind }) => kind === 'sent').length, failed: failedOf(rows, answers) });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setRefusal(null);
    send()
      .catch((thrown: unknown) => setRefusal(readRefusal(thrown)))
      .finally(() => setSending(false));
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      {going.length === 0 ? null : (
        <>
          <dl className="notch border border-line bg-sunk p-4">
            <dt className="text-[13px] text-ink-2">{t('gifts.youGive')}</dt>
            <dd className="text-2xl font-bold">{t('gifts.items', { count: going.length })}</dd>
            <dd className="text-ink-2">
              {t('gifts.recipient', { name: quote.recipient.name })}{' '}
              <span className="font-mono text-xs text-ink-3">{shortId(quote.recipient.acct)}</span>
            </dd>
          </dl>
          <ul className="divide-y divide-line text-[13px]">
            {going.map((row) => (
              <li key={row.itemId} className="flex items-baseline justify-between gap-3 py-1.5">
                <Named itemId={row.itemId} items={items} />
                <span className="flex-none text-ink-2">
                  {t('gifts.reference')} {row.referenceFen === null ? '—' : <Yuan fen={row.referenceFen} />}
                </span>
              </li>
            ))}
          </ul>
          <section className="space-y-1 text-[13px]">
            <h3 className="font-semibold">{t('gifts.how')}</h3>
            <dl className="grid grid-cols-[1fr_auto] gap-x-3 gap-y-1">
              <dt className="text-ink-2">{t('gifts.base')}</dt>
              <dd className="text-end">
                <Yuan fen={quote.baseFen} />
              </dd>
              <dt className="text-ink-2">{t('gifts.estimate')}</dt>
              <dd className="text-end font-semibold">
                <Yuan fen={quote.taxFen} />
              </dd>
            </dl>
            <p className="text-xs text-ink-3">{t('gifts.estimateNote')}</p>
            <p className="text-xs text-ink-3">{t('gifts.rule', { pack: shortId(quote.packHash) })}</p>
          </section>
          <dl className="grid grid-cols-[1fr_auto] gap-x-3 text-[13px]">
            <dt className="text-ink-2">{t('gifts.acceptUntil')}</dt>
            <dd className="text-end">
              <Time at={quote.acceptUntil} style="full" />
            </dd>
          </dl>
          <p className="text-[13px] text-ink-2">{t('gifts.heldNote')}</p>
        </>
      )}
      {staying.length === 0 ? null : <NotGoing title={t('gifts.cannot', { count: staying.length })} rows={staying} items={items} />}
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      {signer.field}
      <div className="sticky bottom-0 -mx-4 -mb-4 border-t border-line bg-card p-4">
        <Button type="submit" tone="primary" className="min-h-12 w-full text-base" disabled={going.length === 0 || isSending || !isOnline}>
          {signer.isAsked ? <LockKeyhole size={16} aria-hidden /> : <GiftIcon size={16} aria-hidden />}
          {isSending ? t('sheet.sending') : signer.isAsked ? t('sheet.unlock') : t('gifts.confirm', { count: going.length })}
        </Button>
      </div>
    </form>
  );
}

function failedOf(rows: readonly { readonly itemId: string }[], answers: readonly GiftSendAnswer[]): Failed {
  return answers.flatMap((answer, index) => {
    const itemId = rows[index]?.itemId;
    return answer.kind === 'sent' || itemId === undefined ? [] : [{ itemId, code: answer.code, message: answer.message }];
  });
}

function NotGoing({ title, rows, items }: { readonly title: string; readonly rows: Failed; readonly items: readonly GiveItem[] }) {
  const sentence = useRefusalSentence();
  return (
    <section className="rounded-md border border-line bg-amber-soft p-3 text-[13px]">
      <h3 className="font-semibold">{title}</h3>
      <ul className="mt-1 space-y-1">
        {rows.map((row) => (
          <li key={row.itemId}>
            <Named itemId={row.itemId} items={items} />
            <span className="block text-ink-2">{sentence(row)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Named({ itemId, items }: { readonly itemId: string; readonly items: readonly GiveItem[] }) {
  const t = useTranslations('item');
  const item = items.find((each) => each.itemId === itemId);
  if (item === undefined) return null;
  return (
    <span className="min-w-0">
      <ItemName names={item.card.names} className="font-medium" />{' '}
      <span className="text-ink-3">{t('serial', { number: item.serialNo })}</span>
    </span>
  );
}

'use client';
/** A step that waits for a supervisor who signs elsewhere: what is signed, until when, how; and how it ended. */
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { formatTime } from '#app/_client/format.ts';
import type { CoSignView } from '#server/trpc/views.ts';
import { usePreferences } from './providers.tsx';
import { useRefusalSentence } from './refusal-note.tsx';
import { CopyButton } from './ui.tsx';

export function CoSignNote({ request, children }: { readonly request: CoSignView; readonly children?: ReactNode }) {
  const t = useTranslations('coSign');
  const { locale } = usePreferences();
  const { state, about, askedBy } = request;
  const isOpen = state === 'waiting' || state === 'signed';
  return (
    <section
      role="status"
      data-co-sign={request.coSignId}
      className={`space-y-2 rounded-lg border p-3 text-[13px] ${isOpen ? 'border-amber/40 bg-amber-soft' : 'border-red/40 bg-red-soft'}`}
    >
      <p className="font-semibold">{t(state)}</p>
      <Ending request={request} />
      <dl>
        <dt className="text-ink-2">{t('what')}</dt>
        <dd className="break-words">{locale === 'en' ? about.en : about.zh}</dd>
      </dl>
      <p className="text-ink-2">{t('asked', { name: askedBy, at: formatTime(locale, request.askedAt, 'full') })}</p>
      {state === 'waiting' ? <How request={request} /> : null}
      {state === 'waiting' ? children : null}
    </section>
  );
}

function Ending({ request: { state, reason, endCode } }: { readonly request: CoSignView }) {
  const t = useTranslations('coSign');
  const sentence = useRefusalSentence();
  if (state === 'declined') {
    return (
      <p>
        {reason} <span className="text-ink-2">{t('again')}</span>
      </p>
    );
  }
  if (endCode === null) return null;
  if (endCode === 'co_sign_withdrawn') return <p>{t('withdrawn', { name: reason ?? '' })}</p>;
  return (
    <p>
      {sentence({ code: endCode, message: reason ?? '' })} <code>{endCode}</code>
    </p>
  );
}

function How({ request }: { readonly request: CoSignView }) {
  const t = useTranslations('coSign');
  const { locale } = usePreferences();
  const command = `npm run --silent cli -- co-sign sign ${request.coSignId} --market ${window.location.origin}`;
  return (
    <>
      <p>{t('how')}</p>
      <p className="flex items-start gap-2">
        <code className="min-w-0 flex-1 break-all rounded-md border border-line bg-card p-2 text-xs">{command}</code>
        <CopyButton text={command} />
      </p>
      <p className="text-ink-2">{t('until', { at: formatTime(locale, request.until, 'full') })}</p>
    </>
  );
}

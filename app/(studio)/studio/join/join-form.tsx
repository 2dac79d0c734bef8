'use client';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field, Panel } from '#app/_components/ui.tsx';
import { isContactPhone } from '#sandbox/studios/contact-phone.ts';
import { isCreditCode } from '#sandbox/studios/credit-code.ts';
import type { JoinFacts } from '#sandbox/studios/join-document.ts';
import type { StudioJoined } from '#server/trpc/views.ts';

const FACTS = ['nameZh', 'nameEn', 'creditCode', 'licenceName', 'licenceNumber', 'licenceIssuer'] as const;
const PAYOUT = ['holder', 'bank', 'number'] as const;
const KEYS = ['restKey', 'pem', 'signature'] as const;
type Name = (typeof FACTS | typeof PAYOUT | typeof KEYS)[number] | 'phone';
type Draft = Readonly<Record<Name, string>>;
const EMPTY: Draft = {
  ...{ nameZh: '', nameEn: '', creditCode: '', licenceName: '', licenceNumber: '', licenceIssuer: '' },
  ...{ holder: '', bank: '', number: '', phone: '', restKey: '', pem: '', signature: '' },
};

function factsOf(draft: Draft): JoinFacts {
  const said = (name: Name) => draft[name].trim();
  return {
    nameZh: said('nameZh'),
    nameEn: said('nameEn'),
    creditCode: said('creditCode'),
    licences: [{ name: said('licenceName'), number: said('licenceNumber'), issuer: said('licenceIssuer') }],
    ...(said('phone') === '' ? {} : { phone: said('phone') }),
    payout: { holder: said('holder'), bank: said('bank'), number: said('number') },
    restKey: said('restKey').toLowerCase(),
  };
}

/** The bytes that the organisation signs, built here from what is on the screen. */
async function messageOf(draft: Draft): Promise<Uint8Array<ArrayBuffer> | null> {
  const [{ joinMessage }, { parsePem }, { sm3 }, { toHex }, { chain }] = await Promise.all([
    import('#sandbox/studios/join-document.ts'),
    import('#ledger/pki/certificate.ts'),
    import('#ledger/crypto/sm3.ts'),
    import('#ledger/primitives/bytes.ts'),
    api.studioJoin.ground(),
  ]);
  try {
    const [own] = parsePem(draft.pem);
    return own === undefined ? null : new Uint8Array(joinMessage(chain, toHex(sm3(own)), factsOf(draft)));
  } catch {
    return null;
  }
}

export function JoinForm({ onJoined }: { readonly onJoined: (joined: StudioJoined) => void }) {
  const t = useTranslations('studioJoin');
  const pemId = useId();
  const [draft, setDraft] = useState(EMPTY);
  const set = (name: Name) => (event: { readonly target: { readonly value: string } }) =>
    setDraft({ ...draft, [name]: event.target.value });
  const save = useMutation({
    mutationFn: async () => {
      const message = await messageOf(draft);
      if (message !== null) saveFile('studio-join.bin', message, 'application/octet-stream');
      return message !== null;
    },
  });
  const send = useMutation({
    mutationFn: () => api.studioJoin.apply({ ...factsOf(draft), pem: draft.pem, signature: draft.signature.trim().toLowerCase() }),
    onSuccess: onJoined,
  });
  const isWrongCode = draft.creditCode.trim() !== '' && !isCreditCode(draft.creditCode.trim());
  const isWrongPhone = draft.phone.trim() !== '' && !isContactPhone(draft.phone.trim());
  const isWrong = isWrongCode || isWrongPhone;
  const lacks = (names: readonly Name[]) => names.some((name) => draft[name].trim() === '');
  const field = (name: Name) => (
    <Field
      key={name}
      label={t(name)}
      value={draft[name]}
      onChange={set(name)}
      error={
        (name === 'creditCode' && isWrongCode && t('creditCodeWrong')) || (name === 'phone' && isWrongPhone && t('phoneWrong')) || null
      }
    />
  );
  return (
    <>
      <Panel title={t('facts')}>
        <div className="grid gap-4 sm:grid-cols-2">
          {FACTS.map(field)}
          {field('phone')}
        </div>
      </Panel>
      <Panel title={t('payout')}>
        <div className="grid gap-4 sm:grid-cols-2">{PAYOUT.map(field)}</div>
      </Panel>
      <Panel title={t('keys')}>
        <div className="space-y-4">
          {field('restKey')}
          <div>
            <label htmlFor={pemId} className="mb-1 block text-[13px] font-medium text-ink-2">
              {t('pem')}
            </label>
            <textarea
              id={pemId}
              rows={6}
              value={draft.pem}
              onChange={set('pem')}
              spellCheck={false}
              className="num w-full rounded-md border border-line-strong/70 bg-card p-2 text-xs"
            />
          </div>
          <p className="text-xs text-ink-3">{t('toSignHelp')}</p>
          <Button disabled={isWrong || save.isPending || lacks([...FACTS, ...PAYOUT, 'restKey', 'pem'])} onClick={() => save.mutate()}>
            {t('toSign')}
          </Button>
          {save.data === false ? <p className="text-[13px] text-red">{t('unreadable')}</p> : null}
          {field('signature')}
          {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
          <Button
            tone="primary"
            disabled={isWrong || send.isPending || lacks([...FACTS, ...PAYOUT, ...KEYS])}
            onClick={() => send.mutate()}
          >
            {send.isPending ? t('sending') : t('send')}
          </Button>
        </div>
      </Panel>
    </>
  );
}

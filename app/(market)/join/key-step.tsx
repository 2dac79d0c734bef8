'use client';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { browserClock } from '#app/_client/clock.ts';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field } from '#app/_components/ui.tsx';
import type { Refusal } from '#server/trpc/views.ts';
import type { VerifiedPerson } from './identity-step.tsx';

const MIN_PASSPHRASE = 12;

export function KeyStep({ person, onOpened }: { readonly person: VerifiedPerson; readonly onOpened: () => void }) {
  const t = useTranslations('join');
  const queryClient = useQueryClient();
  const [passphrase, setPassphrase] = useState('');
  const [repeated, setRepeated] = useState('');
  const [tried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const tooShort = [...passphrase].length < MIN_PASSPHRASE;

  /** Makes the keys, seals them, opens the account; they are stored before the server is asked, so that no answer can be lost. */
  const open = async () => {
    const [signing, { sealKeys }, { storeKeys, holdUnlocked }] = await Promise.all([
      import('#app/_client/signing.ts'),
      import('#app/_client/keys/sealed-keys.ts'),
      import('#app/_client/keys/key-store.ts'),
    ]);
    const keys = signing.makeKeys();
    const { acct, accountOpen } = signing.signAccountOpen(keys, {
      ...person.policy,
      kyc: person.kyc,
      env: person.env,
      salt: person.salt,
      nowMs: browserClock.nowMs(),
    });
    const { toHex } = await import('#ledger/primitives/bytes.ts');
    await storeKeys(await sealKeys(keys, passphrase, { acct, displayName: person.displayName, publicKey: toHex(keys.publicKey) }));
    const me = await api.account.register({
      registrationId: person.registrationId,
      displayName: person.displayName,
      agreementVersion: person.policy.agreementVersion,
      accountOpen,
    });
    holdUnlocked(acct, keys);
    queryClient.setQueryData(['me'], me);
    void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
    onOpened();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (tooShort || passphrase !== repeated) return;
    setBusy(true);
    setRefusal(null);
    open()
      .catch((error: unknown) => setRefusal(readRefusal(error)))
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      <p className="text-ink-2">{t('keyText')}</p>
      <Field
        label={t('passphrase')}
        type="password"
        autoComplete="new-password"
        value={passphrase}
        onChange={(event) => setPassphrase(event.target.value)}
        error={tried && tooShort ? t('passphraseShort') : null}
      />
      <Field
        label={t('passphrase2')}
        type="password"
        autoComplete="new-password"
        value={repeated}
        onChange={(event) => setRepeated(event.target.value)}
        error={tried && passphrase !== repeated ? t('passphraseDiffers') : null}
      />
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      <Button type="submit" tone="primary" disabled={isBusy}>
        {isBusy ? t('making') : t('makeKey')}
      </Button>
    </form>
  );
}

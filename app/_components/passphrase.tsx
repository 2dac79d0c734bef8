'use client';
/** Where a player is asked for the passphrase: once when the key is locked, or again also while it is open (P-32). */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import type { Signer } from '#app/_client/signing.ts';
import type { Me } from '#server/trpc/views.ts';
import { useMe } from './session.tsx';
import { Field } from './ui.tsx';

/** The signer of an act. The field appears as the answer to a press, when the key turns out to be locked. */
export function useSigner(): {
  readonly isAsked: boolean;
  readonly field: ReactNode;
  /** Null: the passphrase is asked for now, or nobody is signed in. @throws {KeyError} `wrong_passphrase` */
  readonly open: () => Promise<Signer | null>;
} {
  const t = useTranslations('sheet');
  const me = useMe();
  const [isAsked, setAsked] = useState(false);
  const [passphrase, setPassphrase] = useState('');
  const open = async () => {
    if (me === null || me === undefined) return null;
    const { openSigner } = await import('#app/_client/keys/open-signer.ts');
    const signer = await openSigner(me, isAsked ? passphrase : null);
    setAsked(signer === null);
    if (signer !== null) setPassphrase('');
    return signer;
  };
  const field = isAsked ? <PassphraseField autoFocus value={passphrase} help={t('passphraseHelp')} onChange={setPassphrase} /> : null;
  return { isAsked, field, open };
}

/** The passphrase for what `openSignerAgain` signs; a demonstration's published keys have none. */
export function usePassphrase(me: Me | null): {
  readonly field: ReactNode;
  /** null: the key is published. */
  readonly passphrase: string | null;
  readonly isReady: boolean;
  readonly forget: () => void;
} {
  const [passphrase, setPassphrase] = useState('');
  const forget = () => setPassphrase('');
  const accounts = useQuery({ queryKey: ['demoAccounts'], queryFn: () => api.session.demoAccounts(), staleTime: Number.POSITIVE_INFINITY });
  if (accounts.data?.some(({ acct }) => acct === me?.acct) === true) return { field: null, passphrase: null, isReady: true, forget };
  return { field: <PassphraseField value={passphrase} onChange={setPassphrase} />, passphrase, isReady: passphrase !== '', forget };
}

function PassphraseField(props: {
  readonly value: string;
  readonly help?: string;
  readonly autoFocus?: boolean;
  readonly onChange: (value: string) => void;
}) {
  const t = useTranslations('sheet');
  const { onChange, ...rest } = props;
  return (
    <Field
      {...rest}
      label={t('passphrase')}
      type="password"
      autoComplete="current-password"
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

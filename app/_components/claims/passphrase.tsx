'use client';
/** The passphrase again (P-32); a demonstration's published keys have none. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import type { Me } from '#server/trpc/views.ts';
import { Field } from '../ui.tsx';

export function usePassphrase(me: Me | null): {
  readonly field: ReactNode;
  /** null: the key is published. */
  readonly passphrase: string | null;
  readonly isReady: boolean;
} {
  const t = useTranslations('claims');
  const [passphrase, setPassphrase] = useState('');
  const accounts = useQuery({ queryKey: ['demoAccounts'], queryFn: () => api.session.demoAccounts(), staleTime: Number.POSITIVE_INFINITY });
  if (accounts.data?.some(({ acct }) => acct === me?.acct) === true) return { field: null, passphrase: null, isReady: true };
  const field = (
    <Field
      label={t('passphrase')}
      type="password"
      autoComplete="current-password"
      value={passphrase}
      onChange={(event) => setPassphrase(event.target.value)}
    />
  );
  return { field, passphrase, isReady: passphrase !== '' };
}

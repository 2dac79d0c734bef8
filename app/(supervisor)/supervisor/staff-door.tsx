'use client';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { FilePick } from '#app/_components/file-pick.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field, LinkButton, PageTitle, Panel } from '#app/_components/ui.tsx';
import type { Refusal } from '#server/trpc/views.ts';

/** A certificate file with its sealed key and a passphrase (V-01). */
export function StaffDoor() {
  const t = useTranslations();
  const queryClient = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const signIn = async (chosen: File) => {
    const [{ readStaffFile }, { signInStaffFile }] = await Promise.all([
      import('#app/_client/keys/staff-file.ts'),
      import('#app/_client/sign-in.ts'),
    ]);
    await signInStaffFile(readStaffFile(await chosen.text()), passphrase);
    await queryClient.resetQueries();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file === null) return;
    setBusy(true);
    setRefusal(null);
    signIn(file)
      .catch((error: unknown) => setRefusal(readRefusal(error)))
      .finally(() => setBusy(false));
  };
  return (
    <div className="mx-auto max-w-lg space-y-4">
      <PageTitle text={t('supervisor.title')} />
      <h1 className="text-xl font-bold">{t('supervisor.title')}</h1>
      <Panel title={t('nav.signIn')}>
        <form onSubmit={submit} className="space-y-3">
          <p className="text-[13px] text-ink-2">{t('signIn.staffText')}</p>
          <FilePick label={t('signIn.staffFile')} accept="application/json,.json" file={file} onPick={setFile} />
          <Field
            label={t('signIn.passphrase')}
            type="password"
            autoComplete="current-password"
            value={passphrase}
            onChange={(event) => setPassphrase(event.target.value)}
          />
          {refusal === null ? null : <RefusalNote refusal={refusal} />}
          <div className="flex flex-wrap gap-2">
            <Button type="submit" tone="primary" disabled={isBusy || file === null || passphrase === ''}>
              {isBusy ? t('signIn.going') : t('signIn.go')}
            </Button>
            <LinkButton href="/sign-in">{t('signIn.demo')}</LinkButton>
          </div>
        </form>
      </Panel>
    </div>
  );
}

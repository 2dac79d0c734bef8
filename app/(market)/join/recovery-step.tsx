'use client';
/** The recovery file must be saved and opened once again before the first order (P-05). */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Download, FileCheck2, Printer } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { FilePick } from '#app/_components/file-pick.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field } from '#app/_components/ui.tsx';
import type { Me, Refusal } from '#server/trpc/views.ts';
import { QrCode, RecoveryPrint } from './recovery-print.tsx';
import { RecoveryWarning } from './recovery-warning.tsx';

export function RecoveryStep({ me, onConfirmed }: { readonly me: Me; readonly onConfirmed: () => void }) {
  const t = useTranslations('join');
  const tSheet = useTranslations('sheet');
  const queryClient = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  // What was asked for before the losses were agreed to; agreed to once, both ways are open.
  const [asked, setAsked] = useState<'save' | 'print' | null>(null);
  const [isAgreed, setAgreed] = useState(false);
  const record = useQuery({
    queryKey: ['storedKey', me.acct],
    queryFn: async () =>
      (await (await import('#app/_client/keys/key-store.ts')).listStoredKeys()).find(({ acct }) => acct === me.acct) ?? null,
  }).data;
  const qr = useQuery({
    queryKey: ['recoveryQr', me.acct],
    enabled: record !== null && record !== undefined,
    queryFn: async () => (await import('uqr')).encode(JSON.stringify(record)),
  }).data;

  const check = async (chosen: File) => {
    const { KeyError, openKeys, parseSealedKeys } = await import('#app/_client/keys/sealed-keys.ts');
    const opened = parseSealedKeys(await chosen.text());
    if (opened.acct !== me.acct) throw new KeyError('recovery_file_malformed');
    const keys = await openKeys(opened, passphrase);
    const { publicKeyOf } = await import('#ledger/crypto/sm2.ts');
    const { toHex } = await import('#ledger/primitives/bytes.ts');
    // Opening is not enough: the key inside must be the one that the ledger knows.
    if (toHex(publicKeyOf(keys.privateKey)) !== me.publicKey) throw new KeyError('recovery_file_malformed');
    queryClient.setQueryData(['me'], await api.account.confirmRecovery());
    onConfirmed();
  };
  const open = () => {
    if (file === null) return;
    setBusy(true);
    setRefusal(null);
    check(file)
      .catch((error: unknown) => {
        const read = readRefusal(error);
        setRefusal(read.code === 'recovery_file_malformed' ? { ...read, message: t('wrongFile') } : read);
      })
      .finally(() => setBusy(false));
  };
  const keep = (way: 'save' | 'print') => {
    if (way === 'print') print();
    else saveFile(`daoju-recovery-${me.acct.slice(0, 8)}.json`, JSON.stringify(record, null, 2), 'application/json');
  };
  const ask = (way: 'save' | 'print') => (isAgreed ? keep(way) : setAsked(way));
  const agree = () => {
    setAgreed(true);
    setAsked(null);
    // The dialogue is gone from the page first, so that it is not on the paper.
    if (asked !== null) setTimeout(() => keep(asked), 0);
  };
  return (
    <div className="space-y-4">
      <RecoveryWarning open={asked !== null} onClose={() => setAsked(null)} onAgreed={agree} />
      <p className="text-ink-2">{t('recoveryText')}</p>
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" disabled={record === null || record === undefined} onClick={() => ask('save')}>
          <Download size={15} aria-hidden /> {t('saveFile')}
        </Button>
        <Button disabled={qr === undefined} onClick={() => ask('print')}>
          <Printer size={15} aria-hidden /> {t('print')}
        </Button>
      </div>
      {qr === undefined ? null : (
        <figure className="w-fit space-y-1">
          <QrCode size={qr.size} data={qr.data} />
          <figcaption className="text-xs text-ink-3">{t('qr')}</figcaption>
        </figure>
      )}
      {qr === undefined || record === null || record === undefined ? null : <RecoveryPrint record={record} qr={qr} />}
      <FilePick label={t('openFile')} accept="application/json,.json" file={file} onPick={setFile} />
      <Field
        label={tSheet('passphrase')}
        type="password"
        autoComplete="current-password"
        value={passphrase}
        onChange={(event) => setPassphrase(event.target.value)}
      />
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      <Button onClick={open} disabled={isBusy || file === null || passphrase === ''}>
        <FileCheck2 size={15} aria-hidden /> {t('check')}
      </Button>
    </div>
  );
}

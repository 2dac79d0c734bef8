'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { FileKey2, KeyRound, UserRound } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { accountZh } from '#app/_client/messages/account.ts';
import { FilePick } from '#app/_components/file-pick.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Button, Chip, Field, Id, LinkButton, PageTitle, Panel, Skeleton, Time } from '#app/_components/ui.tsx';
import type { DemonstrationAccount } from '#server/identity/identity.ts';
import type { Refusal } from '#server/trpc/views.ts';

const HOME = { player: '/', studio: '/studio', supervisor: '/supervisor', operator: '/desk', notary: '/notary', staff: '/' } as const;

export default function SignInPage() {
  const t = useTranslations('signIn');
  const queryClient = useQueryClient();
  const router = useRouter();
  const me = useMe();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  /** Runs one way of signing in; what another person had loaded is forgotten. */
  const run = (name: string, act: () => Promise<keyof typeof HOME>) => {
    setBusy(name);
    setRefusal(null);
    act()
      .then((kind) => {
        void queryClient.resetQueries();
        router.push(HOME[kind]);
        router.refresh();
      })
      .catch((error: unknown) => setRefusal(readRefusal(error)))
      .finally(() => setBusy(null));
  };
  return (
    <div className="mx-auto max-w-4xl space-y-5">
      <PageTitle text={t('title')} />
      <h1 className="text-xl font-bold">{t('heading')}</h1>
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      <Demonstration busy={busy} onRun={run} />
      <div className="grid items-start gap-5 md:grid-cols-2">
        <OwnKey busy={busy} onRun={run} />
        <RecoveryFile busy={busy} onRun={run} />
      </div>
      {me ? <Sessions /> : null}
    </div>
  );
}

type WayProps = { readonly busy: string | null; readonly onRun: (name: string, act: () => Promise<keyof typeof HOME>) => void };

const isNamed = (name: string): name is keyof typeof accountZh.signIn.names => Object.hasOwn(accountZh.signIn.names, name);

function Demonstration({ busy, onRun }: WayProps) {
  const t = useTranslations('signIn');
  const accounts = useQuery({
    queryKey: ['demoAccounts'],
    queryFn: () => api.session.demoAccounts(),
    // On the very first start the people of the demonstration join a few seconds after the page is there.
    refetchInterval: ({ state }) => (state.data?.some(({ kind }) => kind === 'player') === false ? 2_000 : false),
  });
  if (accounts.data?.length === 0) return null;
  const label = (account: DemonstrationAccount) => (isNamed(account.name) ? t(`names.${account.name}`) : account.name);
  // The market makers (demo-01 …) are programs; people choose among the named ones.
  const shown = accounts.data?.filter(({ name }) => !/^demo-\d+$/.test(name)) ?? [];
  const group = (title: string, rows: readonly DemonstrationAccount[]) => (
    <div>
      <h3 className="mb-2 text-[13px] font-semibold text-ink-2">{title}</h3>
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
        {rows.map((account) => (
          <button
            key={account.name}
            type="button"
            data-demo-account={account.name}
            disabled={busy !== null}
            onClick={() => onRun(account.name, async () => (await import('#app/_client/sign-in.ts')).signInDemonstration(account))}
            className="flex min-h-16 items-center gap-2.5 rounded-md border border-line bg-sunk px-3 py-2 text-start hover:border-accent disabled:opacity-60"
          >
            <UserRound size={20} className="flex-none text-accent" aria-hidden />
            <span className="min-w-0">
              <span className="block truncate font-semibold">{label(account)}</span>
              <span className="block truncate text-xs text-ink-3">
                {busy === account.name ? t('going') : t(`role.${account.role ?? (account.kind === 'studio' ? 'studio' : 'player')}`)}
              </span>
            </span>
          </button>
        ))}
      </div>
    </div>
  );
  return (
    <Panel title={t('demo')}>
      <p className="mb-3 text-[13px] text-ink-2">{t('demoText')}</p>
      {accounts.data === undefined ? (
        <Skeleton className="h-[488px] sm:h-[272px]" />
      ) : (
        <div className="space-y-4">
          {group(
            t('players'),
            shown.filter(({ kind }) => kind === 'player'),
          )}
          {group(
            t('staff'),
            shown.filter(({ kind }) => kind !== 'player'),
          )}
        </div>
      )}
    </Panel>
  );
}

function OwnKey({ busy, onRun }: WayProps) {
  const t = useTranslations('signIn');
  const [passphrase, setPassphrase] = useState('');
  const [chosen, setChosen] = useState('');
  const keys = useQuery({
    queryKey: ['storedKeys'],
    queryFn: async () => (await import('#app/_client/keys/key-store.ts')).listStoredKeys(),
  });
  const rows = keys.data ?? [];
  const acct = chosen === '' ? rows[0]?.acct : chosen;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (acct === undefined) return;
    onRun('own', async () => {
      await (await import('#app/_client/sign-in.ts')).signInStored(acct, passphrase);
      return 'player';
    });
  };
  return (
    <Panel title={t('own')}>
      {rows.length === 0 ? (
        <div className="space-y-3">
          <p className="font-medium">{t('noKey')}</p>
          <p className="text-[13px] text-ink-2">{t('noKeyText')}</p>
          <JoinLink />
        </div>
      ) : (
        <form onSubmit={submit} className="space-y-3">
          <p className="text-[13px] text-ink-2">{t('ownText')}</p>
          <select
            aria-label={t('own')}
            className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-2"
            value={acct}
            onChange={(event) => setChosen(event.target.value)}
          >
            {rows.map((row) => (
              <option key={row.acct} value={row.acct}>
                {row.displayName}
              </option>
            ))}
          </select>
          <Field
            label={t('passphrase')}
            type="password"
            autoComplete="current-password"
            value={passphrase}
            onChange={(event) => setPassphrase(event.target.value)}
          />
          <Button type="submit" tone="primary" disabled={busy !== null || passphrase === ''}>
            <KeyRound size={15} aria-hidden /> {busy === 'own' ? t('going') : t('go')}
          </Button>
        </form>
      )}
    </Panel>
  );
}

function JoinLink() {
  const t = useTranslations('nav');
  return <LinkButton href="/join">{t('join')}</LinkButton>;
}

function RecoveryFile({ busy, onRun }: WayProps) {
  const t = useTranslations('signIn');
  const [file, setFile] = useState<File | null>(null);
  const [scanned, setScanned] = useState('');
  const isGiven = file !== null || scanned.trim() !== '';
  const [passphrase, setPassphrase] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isGiven) return;
    onRun('recovery', async () => {
      const [{ parseSealedKeys }, { signInRecovered }] = await Promise.all([
        import('#app/_client/keys/sealed-keys.ts'),
        import('#app/_client/sign-in.ts'),
      ]);
      await signInRecovered(parseSealedKeys(file === null ? scanned : await file.text()), passphrase);
      return 'player';
    });
  };
  return (
    <Panel title={t('recovery')}>
      <form onSubmit={submit} className="space-y-3">
        <p className="text-[13px] text-ink-2">{t('recoveryText')}</p>
        <FilePick label={t('recovery')} accept="application/json,.json" file={file} onPick={setFile} />
        <label className="block text-[13px]">
          <span className="mb-1 block text-ink-2">{t('scanned')}</span>
          <textarea
            rows={2}
            spellCheck={false}
            autoComplete="off"
            className="w-full rounded-md border border-line-strong/70 bg-card px-2 py-1.5 font-mono text-xs"
            value={scanned}
            onChange={(event) => setScanned(event.target.value)}
          />
        </label>
        <Field
          label={t('passphrase')}
          type="password"
          autoComplete="current-password"
          value={passphrase}
          onChange={(event) => setPassphrase(event.target.value)}
        />
        <Button type="submit" disabled={busy !== null || !isGiven || passphrase === ''}>
          <FileKey2 size={15} aria-hidden /> {busy === 'recovery' ? t('going') : t('go')}
        </Button>
      </form>
    </Panel>
  );
}

function Sessions() {
  const t = useTranslations('signIn');
  const queryClient = useQueryClient();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => api.session.list() });
  const me = useMe();
  return (
    <Panel title={t('sessions')} flush aside={me ? <Id value={me.acct} /> : null}>
      <ul className="divide-y divide-line">
        {(sessions.data ?? []).map((session) => (
          <li key={session.sessionId} className="flex flex-wrap items-center justify-between gap-3 px-4 py-2.5">
            <span className="min-w-0">
              <span className="block truncate">{session.device}</span>
              <span className="text-xs text-ink-3">
                <Time at={session.createdAt} style="full" />
              </span>
            </span>
            {session.isCurrent ? (
              <Chip tone="good">{t('current')}</Chip>
            ) : (
              <Button
                onClick={() =>
                  void api.session.revoke(session.sessionId).then(() => queryClient.invalidateQueries({ queryKey: ['sessions'] }))
                }
              >
                {t('revoke')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

'use client';
/** Certificates (O-10): whom this market trusts, days left, chain, state of the revocation lists. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, Chip, type ChipTone, Id, LinkButton, PageTitle, Panel, Skeleton, Time } from '#app/_components/ui.tsx';
import type { CertificateView } from '#server/trpc/views.ts';

const REFRESH_MS = 60_000;

export default function CertificatesPage() {
  const t = useTranslations('certificates');
  const nav = useTranslations('nav');
  const staff = useStaff();
  const isAllowed = staff?.role === 'operator' || staff?.role === 'auditor';
  const query = useQuery({
    queryKey: ['certificates'],
    queryFn: () => api.certificate.list(),
    enabled: isAllowed,
    refetchInterval: REFRESH_MS,
  });
  const [isAll, setAll] = useState(true);
  if (staff === undefined) return <Skeleton className="h-[70vh]" />;
  if (!isAllowed) {
    return (
      <Empty title={t('roleNeeded')} isPage>
        <LinkButton href="/sign-in">{nav('signIn')}</LinkButton>
      </Empty>
    );
  }
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <header className="flex flex-wrap items-end justify-between gap-3">
        <div className="max-w-3xl">
          <h1 className="text-xl font-bold">{t('title')}</h1>
          <p className="text-[13px] text-ink-2">{t('lead')}</p>
        </div>
        <div className="flex gap-2">
          <Button aria-pressed={isAll} tone={isAll ? 'primary' : 'plain'} onClick={() => setAll(true)}>
            {t('all')}
          </Button>
          <Button aria-pressed={!isAll} tone={isAll ? 'plain' : 'primary'} onClick={() => setAll(false)}>
            {t('attention')}
          </Button>
        </div>
      </header>
      <Loaded query={query} skeleton={<Skeleton className="h-96" />}>
        {(rows) => <CertificateTable rows={isAll ? rows : rows.filter(needsAttention)} />}
      </Loaded>
      <p className="text-[13px] text-ink-2">
        <code>{t('import')}</code>
      </p>
    </div>
  );
}

function needsAttention({ warning, refusal, isRetired }: CertificateView): boolean {
  return !isRetired && (warning !== null || refusal !== null);
}

function CertificateTable({ rows }: { readonly rows: readonly CertificateView[] }) {
  const t = useTranslations('certificates');
  if (rows.length === 0) return <Empty title={t('none')} />;
  return (
    <Panel flush>
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('subject')}</th>
            <th>{t('purpose')}</th>
            <th className="end">{t('daysLeft')}</th>
            <th>{t('state')}</th>
            <th>{t('chain')}</th>
            <th>{t('crl')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.fingerprint} row={row} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Row({ row }: { readonly row: CertificateView }) {
  const t = useTranslations('certificates');
  return (
    <tr data-purpose={row.purpose}>
      <td className="max-w-80">
        <div>
          <span className="block font-medium wrap-anywhere">{row.subject}</span>
          <span className="flex flex-wrap gap-x-3 text-xs text-ink-3">
            <span title={t('serial')}>
              <Id value={row.serial} />
            </span>
            <span title={t('fingerprint')}>
              SM3 <Id value={row.fingerprint} />
            </span>
          </span>
        </div>
      </td>
      <td data-label={t('purpose')}>
        <span>
          {t(`for.${row.purpose}`)} <span className="text-ink-3">{t(`kind.${row.kind}`)}</span>
        </span>
      </td>
      <td data-label={t('daysLeft')} className="end">
        <span>
          <span className="num font-medium">{row.daysLeft}</span>
          <span className="block text-xs text-ink-3">
            <Time at={row.notAfter} style="day" />
          </span>
        </span>
      </td>
      <td data-label={t('state')}>
        <State row={row} />
      </td>
      <td data-label={t('chain')} className="max-w-64 text-xs">
        {row.chain.length === 0
          ? '—'
          : row.chain.map(({ subject, fingerprint }) => (
              <span key={fingerprint} className="block wrap-anywhere">
                {subject}
              </span>
            ))}
      </td>
      <td data-label={t('crl')} className="text-xs">
        <RevocationList row={row} />
      </td>
    </tr>
  );
}

function State({ row }: { readonly row: CertificateView }) {
  const t = useTranslations('certificates');
  const [tone, text] = stateOf(row);
  return (
    <span className="flex flex-wrap gap-1">
      <Chip tone={tone}>{text === null ? (row.refusal ?? '') : t(text)}</Chip>
      {row.warning === null || row.warning === 0 ? null : <Chip tone="wait">{t('ends', { days: row.warning })}</Chip>}
      <Chip tone={row.isLicensed ? 'plain' : 'wait'}>{row.isLicensed ? t('licensed') : t('notLicensed')}</Chip>
    </span>
  );
}

function stateOf({ isRetired, warning, refusal }: CertificateView): readonly [ChipTone, 'retired' | 'expired' | 'holds' | null] {
  if (isRetired) return ['plain', 'retired'];
  if (warning === 0) return ['bad', 'expired'];
  return refusal === null ? ['good', 'holds'] : ['bad', null];
}

function RevocationList({ row }: { readonly row: CertificateView }) {
  const t = useTranslations('certificates');
  const { locale } = usePreferences();
  if (row.kind === 'root') return '—';
  if (row.crl === null) return <Chip tone="bad">{t('crlMissing')}</Chip>;
  if (row.crl.revokedSince !== null)
    return <Chip tone="bad">{t('revokedSince', { time: formatTime(locale, row.crl.revokedSince, 'day') })}</Chip>;
  if (row.crl.isStale) return <Chip tone="bad">{t('crlStale')}</Chip>;
  return t('crlUntil', { time: formatTime(locale, row.crl.nextUpdate, 'day') });
}

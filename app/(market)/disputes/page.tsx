'use client';
/** My disputes (P-32), those that I claimed and those against me. */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { ClaimRow } from '#app/_components/claims/claim-row.tsx';
import { Takeover } from '#app/_components/claims/takeover.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useMe } from '#app/_components/session.tsx';
import { LinkButton, PageTitle, Skeleton } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';

export default function DisputesPage() {
  const t = useTranslations('claims');
  const me = useMe();
  useRoom('/player', me ? `player:${me.acct}` : null, [['claims']]);
  const query = useQuery({ queryKey: ['claims'], queryFn: () => api.claim.list(), refetchInterval: 30_000 });
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <header>
        <h1 className="text-xl font-bold">{t('title')}</h1>
        <p className="max-w-3xl text-[13px] text-ink-2">{t('lead')}</p>
      </header>
      {me ? <Takeover me={me} /> : null}
      <Loaded query={query} skeleton={<Skeleton className="h-64" />}>
        {(rows) =>
          rows.length === 0 ? (
            <div className="rounded-lg border border-line bg-card">
              <Empty title={t('empty')} text={t('emptyText')}>
                <LinkButton href="/orders">{t('toTrades')}</LinkButton>
              </Empty>
            </div>
          ) : (
            <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-card shadow-card">
              {rows.map((row) => (
                <li key={row.claimId}>
                  <ClaimRow claim={row} note={t(`role.${row.role}`)} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  );
}

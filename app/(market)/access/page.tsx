'use client';
/** Who looked at my identity (V-13): what sealing has ended of. */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Id, LinkButton, PageTitle, Panel, Skeleton, Time } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import type { AccessOfMe } from '#server/trpc/views.ts';

export default function AccessPage() {
  const t = useTranslations();
  const me = useMe();
  useRoom('/player', me ? `player:${me.acct}` : null, [['accessOfMe']]);
  const query = useQuery({ queryKey: ['accessOfMe'], queryFn: () => staffApi.look.ofMe() });
  return (
    <div className="space-y-4">
      <PageTitle text={t('accessOfMe.title')} />
      <header className="max-w-3xl">
        <h1 className="text-xl font-bold">{t('accessOfMe.title')}</h1>
        <p className="text-[13px] text-ink-2">{t('accessOfMe.lead')}</p>
      </header>
      <Loaded query={query} skeleton={<Skeleton className="h-64" />}>
        {(rows) =>
          rows.length === 0 ? (
            <Panel>
              <Empty title={t('accessOfMe.empty')} text={t('accessOfMe.emptyText')}>
                <LinkButton href="/transparency">{t('transparency.title')}</LinkButton>
              </Empty>
            </Panel>
          ) : (
            <Rows rows={rows} />
          )
        }
      </Loaded>
    </div>
  );
}

function Rows({ rows }: { readonly rows: readonly AccessOfMe[] }) {
  const t = useTranslations();
  return (
    <Panel flush>
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('accessOfMe.when')}</th>
            <th>{t('accessOfMe.agency')}</th>
            <th>{t('accessOfMe.scope')}</th>
            <th>{t('accessOfMe.ground')}</th>
            <th>{t('accessOfMe.caseNumber')}</th>
            <th className="end">{t('accessOfMe.reads')}</th>
            <th>{t('accessOfMe.ledger')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.openingId} data-access={row.openingId}>
              <td>
                <Time at={row.openedAt} style="full" />
              </td>
              <td data-label={t('accessOfMe.agency')}>{row.officials.map((role) => t(`signIn.role.${role}`)).join(' · ')}</td>
              <td data-label={t('accessOfMe.scope')}>{row.scope.map((field) => t(`opening.field.${field}`)).join(' · ')}</td>
              <td data-label={t('accessOfMe.ground')}>{row.legalGround ?? t('accessOfMe.secret')}</td>
              <td data-label={t('accessOfMe.caseNumber')}>{row.caseNumber ?? t('accessOfMe.secret')}</td>
              <td data-label={t('accessOfMe.reads')} className="num end">
                {row.reads}
              </td>
              <td data-label={t('accessOfMe.ledger')}>
                <Id value={row.txId} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

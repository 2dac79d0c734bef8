'use client';
/** My data (P-46): what is stored about me, where, why, for how long; all of it as a file. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded, SignInFirst } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Id, PageTitle, Panel, Skeleton, Stat, TextLink } from '#app/_components/ui.tsx';
import type { LegalBasisView, MyDataView } from '#server/trpc/views.ts';
import { DeletePanel } from './close-panel.tsx';
import { ExportPanel } from './export-panel.tsx';

export default function MyDataPage() {
  const t = useTranslations('myData');
  const me = useMe();
  const [isClosed, setClosed] = useState(false);
  const query = useQuery({ queryKey: ['myData'], queryFn: () => api.myData.get(), enabled: me !== null && me !== undefined });
  if (isClosed) {
    return (
      <Panel>
        <Empty title={t('closed')} text={t('closedText')} />
      </Panel>
    );
  }
  if (me === null) return <SignInFirst />;
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <header className="max-w-3xl">
        <h1 className="text-xl font-bold">{t('title')}</h1>
        <p className="text-[13px] text-ink-2">{t('lead')}</p>
      </header>
      <Loaded query={query} skeleton={<Skeleton className="h-[900px]" />}>
        {(data) => (
          <>
            <Groups data={data} />
            <div className="grid items-start gap-4 lg:grid-cols-2">
              <div className="space-y-4">
                <OnLedger data={data} />
                {me === undefined ? null : <ExportPanel me={me} />}
              </div>
              {me === undefined ? null : <DeletePanel me={me} data={data} onClosed={() => setClosed(true)} />}
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}

/** The ground in law with its acts (CN-PI-01); `name`: the fields that stand on another than their group. */
function Ground({ basis: { ground, laws }, name }: { readonly basis: LegalBasisView; readonly name?: string }) {
  const t = useTranslations('myData');
  const { locale } = usePreferences();
  const lang = locale === 'zh-CN' ? 'zh' : 'en';
  return (
    <p className="mt-1 text-xs text-ink-2" data-ground={ground}>
      {name === undefined ? null : `${name}${lang === 'zh' ? '：' : ': '}`}
      <span className="font-medium">{t(`ground.${ground}`)}</span> {laws.map((law) => law[lang]).join(lang === 'zh' ? '；' : '; ')}
    </p>
  );
}

function Groups({ data: { groups, retentionYears } }: { readonly data: MyDataView }) {
  const t = useTranslations('myData');
  const { locale } = usePreferences();
  const lang = locale === 'zh-CN' ? 'zh' : 'en';
  const years = String(retentionYears);
  return (
    <Panel flush>
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('kind')}</th>
            <th className="end">{t('records')}</th>
            <th>{t('where')}</th>
            <th>{t('why')}</th>
            <th>{t('keep')}</th>
            <th>{t('deletion')}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(({ group, records, places, deletion, basis, exceptions }) => (
            <tr key={group} data-group={group} className="align-top">
              <td className="max-w-96 min-w-56">
                {/* One child: on a phone a cell sets its children side by side. */}
                <div className="text-start">
                  <p className="font-medium">{t(`group.${group}.name`)}</p>
                  <p className="text-xs text-ink-2">{t(`group.${group}.what`)}</p>
                  {group === 'access' ? <TextLink href="/access">{t('toAccess')}</TextLink> : null}
                </div>
              </td>
              <td data-label={t('records')} className="num end">
                {records}
              </td>
              <td data-label={t('where')} className="prose">
                {places.map((place) => t(`place.${place}`)).join(' · ')}
              </td>
              <td data-label={t('why')} className="prose">
                <div className="text-start">
                  <p>{t(`group.${group}.why`)}</p>
                  <Ground basis={basis} />
                  {exceptions.map((each) => (
                    <Ground key={each.name.en} basis={each} name={each.name[lang]} />
                  ))}
                </div>
              </td>
              <td data-label={t('keep')} className="prose">
                {t(`group.${group}.keep`, { years })}
              </td>
              <td data-label={t('deletion')} className="prose">
                {t(`fate.${deletion}`)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function OnLedger({ data: { onLedger } }: { readonly data: MyDataView }) {
  const t = useTranslations('myData');
  return (
    <Panel title={t('onLedger')}>
      <div className="space-y-3">
        <p className="text-[13px] text-ink-2">{t('onLedgerText')}</p>
        {onLedger === null ? (
          <p>{t('notYet')}</p>
        ) : (
          <>
            <dl className="grid gap-3 sm:grid-cols-2">
              <Stat label={t('account')}>
                <Id value={onLedger.acct} />
              </Stat>
              <Stat label={t('publicKey')}>
                <Id value={onLedger.publicKey} />
              </Stat>
              <Stat label={t('commitment')}>
                <Id value={onLedger.commitment} />
              </Stat>
              <Stat label={t('items')}>{onLedger.items}</Stat>
            </dl>
            <TextLink href={`/explorer/state/accounts/${onLedger.acct}`}>{t('inExplorer')}</TextLink>
          </>
        )}
      </div>
    </Panel>
  );
}

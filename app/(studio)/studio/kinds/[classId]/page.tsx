'use client';
/** One kind of the studio: what holds, what is announced, what was before, and the form of a change (T-06). */
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { AnnouncedTerms, TermChanges, useTermText } from '#app/_components/announced-terms.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { KindLine, useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { Chip, Id, PageTitle, Panel, Skeleton, Stat, Time } from '#app/_components/ui.tsx';
import type { StudioKind, StudioTerms } from '#server/trpc/views.ts';
import { TERM_NAMES } from './terms-draft.ts';
import { TermsForm } from './terms-form.tsx';

export default function StudioKindPage() {
  const { classId } = useParams<{ classId: string }>();
  const kind = useQuery({ queryKey: ['studio', 'kind', classId], queryFn: () => staffApi.studio.kind(classId) });
  const overview = useQuery({ queryKey: ['studio'], queryFn: () => staffApi.studio.overview() });
  return (
    <Loaded query={kind} skeleton={<Skeleton className="h-[70vh]" />}>
      {(data) => <Kind kind={data} isHosted={overview.data?.isHosted ?? true} />}
    </Loaded>
  );
}

function Kind({ kind, isHosted }: { readonly kind: StudioKind; readonly isHosted: boolean }) {
  const t = useTranslations('studioKinds');
  const name = useName()(kind.names);
  return (
    <div className="space-y-4">
      <PageTitle text={name} />
      <h1 className="text-xl font-bold">{name}</h1>
      <Panel title={<KindLine href={`/c/${kind.classId}`} names={kind.names} icon={kind.icon} rarity={kind.rarity} />}>
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Stat label={t('issued')}>{formatCount(kind.issued)}</Stat>
          <Stat label={t('cap')}>{kind.supplyCap === null ? t('noCap') : formatCount(kind.supplyCap)}</Stat>
          <div className="min-w-0 sm:col-span-2">
            <dt className="text-xs text-ink-3">class_ref</dt>
            <dd className="font-mono text-[13px] break-all">{kind.classRef}</dd>
          </div>
        </dl>
      </Panel>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <div className="space-y-4">
          <InForce terms={kind.terms} />
          <Panel title={t('announced')}>
            {kind.announced === null ? <p className="text-ink-3">{t('noneAnnounced')}</p> : <AnnouncedTerms announced={kind.announced} />}
          </Panel>
        </div>
        {isHosted ? (
          <TermsForm key={JSON.stringify([kind.terms, kind.supplyCap, kind.announced])} kind={kind} />
        ) : (
          <Panel title={t('change')}>
            <p className="text-ink-2">{t('ownKey')}</p>
          </Panel>
        )}
      </div>
      <History kind={kind} />
    </div>
  );
}

function InForce({ terms }: { readonly terms: StudioTerms }) {
  const t = useTranslations();
  const text = useTermText();
  return (
    <Panel title={t('studioKinds.inForce')}>
      <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-6 gap-y-2 text-sm">
        {TERM_NAMES.map((term) => (
          <div key={term} className="contents">
            <dt className="text-ink-3">{t(`kind.announced.term.${term}`)}</dt>
            <dd className="max-w-60 text-end font-medium">{text(term, terms[term])}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function History({ kind }: { readonly kind: StudioKind }) {
  const t = useTranslations('studioKinds');
  return (
    <Panel title={t('history')} flush>
      {kind.history.length === 0 ? (
        <Empty title={t('historyEmpty')} />
      ) : (
        <ul className="divide-y divide-line">
          {kind.history.map((row) => (
            <li key={row.txId} className="space-y-1 px-4 py-3 text-[13px]">
              <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <Time at={row.at} style="full" /> <Id value={row.txId} />
                {row.isRefused ? <Chip tone="bad">{t('refused')}</Chip> : null}
                {row.from === null ? (
                  <Chip>{t('takenBack')}</Chip>
                ) : (
                  <span className="text-ink-2">
                    {t('holdsFrom')} <Time at={row.from} style="full" />
                  </span>
                )}
              </p>
              <TermChanges changes={row.changes} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

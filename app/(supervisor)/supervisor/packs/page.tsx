'use client';
/** Rule packs (V-18, V-19): browse, compare, draft, and see drafts through to the ledger. */
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { Button, Chip, type ChipTone, PageTitle, Panel, Skeleton } from '#app/_components/ui.tsx';
import type { PackSummary } from '#server/trpc/views.ts';
import { DifferenceTable } from './difference-table.tsx';
import { DraftForm } from './draft-form.tsx';
import { PackPanels } from './pack-panels.tsx';
import { Proposals } from './proposals.tsx';

const TONE: Record<PackSummary['state'], ChipTone> = {
  active: 'good',
  announced: 'wait',
  past: 'plain',
  shipped: 'accent',
  proposed: 'wait',
};

export default function PacksPage() {
  const t = useTranslations('packs');
  const packs = useQuery({ queryKey: ['packs', 'list'], queryFn: () => staffApi.packs.list(), refetchInterval: 30_000 });
  return (
    <div className="space-y-5">
      <PageTitle text={t('title')} />
      <p className="max-w-3xl text-ink-2">{t('lead')}</p>
      <Loaded query={packs} skeleton={<Skeleton className="h-[60vh]" />}>
        {(list) => <Packs packs={list} />}
      </Loaded>
    </div>
  );
}

function Packs({ packs }: { readonly packs: readonly PackSummary[] }) {
  const t = useTranslations('packs');
  const active = packs.find(({ state }) => state === 'active') ?? packs[0];
  const [chosen, setChosen] = useState<string | null>(null);
  const [isDrafting, setDrafting] = useState(false);
  const [isDone, setDone] = useState(false);
  const hash = chosen ?? active?.packHash ?? '';
  const pack = useQuery({ queryKey: ['packs', 'one', hash], queryFn: () => staffApi.packs.get(hash), enabled: hash !== '' });
  const drafted = () => {
    setDrafting(false);
    setDone(true);
  };
  return (
    <div className="space-y-5">
      {active?.isEnding ? (
        <p role="alert" className="rounded-md border border-amber bg-amber-soft p-3 text-amber">
          {active.daysLeft > 0 ? t('ending', { days: active.daysLeft }) : t('ended')}
        </p>
      ) : null}
      <div className="flex flex-wrap items-start gap-2">
        <ul className="flex flex-wrap gap-2" aria-label={t('title')}>
          {packs.map((each) => (
            <li key={each.packHash}>
              <button
                type="button"
                aria-pressed={each.packHash === hash}
                onClick={() => setChosen(each.packHash)}
                className={clsx(
                  'flex min-h-11 flex-col items-start gap-0.5 rounded-lg border bg-card px-3 py-2 text-start text-[13px] hover:border-accent',
                  each.packHash === hash ? 'border-accent' : 'border-line',
                )}
              >
                <span className="flex items-center gap-2 font-semibold">
                  {each.packId} {each.version} <Chip tone={TONE[each.state]}>{t(`state.${each.state}`)}</Chip>
                </span>
                <span className="num text-ink-3">
                  {each.effectiveFrom} – {each.effectiveTo}
                </span>
              </button>
            </li>
          ))}
        </ul>
        <Button
          className="ms-auto"
          aria-expanded={isDrafting}
          onClick={() => {
            setDone(false);
            setDrafting(!isDrafting);
          }}
          disabled={active === undefined}
        >
          {t('draft')}
        </Button>
      </div>
      {isDone ? (
        <p role="status" className="rounded-md bg-green-soft px-3 py-2 text-[13px] text-green">
          {t('drafted')}
        </p>
      ) : null}
      <Proposals />
      {active === undefined || !isDrafting ? null : <Draft hash={active.packHash} onDone={drafted} />}
      <Compare packs={packs} hash={hash} />
      <Loaded query={pack} skeleton={<Skeleton className="h-[60vh]" />}>
        {(view) => <PackPanels pack={view} />}
      </Loaded>
    </div>
  );
}

function Draft({ hash, onDone }: { readonly hash: string; readonly onDone: () => void }) {
  const base = useQuery({ queryKey: ['packs', 'one', hash], queryFn: () => staffApi.packs.get(hash) });
  return (
    <Loaded query={base} skeleton={<Skeleton className="h-72" />}>
      {(view) => <DraftForm key={view.packHash} base={view} onDone={onDone} />}
    </Loaded>
  );
}

function Compare({ packs, hash }: { readonly packs: readonly PackSummary[]; readonly hash: string }) {
  const t = useTranslations('packs');
  const [other, setOther] = useState('');
  const answer = useQuery({
    queryKey: ['packs', 'compare', other, hash],
    queryFn: () => staffApi.packs.compare(other, hash),
    enabled: other !== '' && other !== hash,
  });
  return (
    <Panel
      title={t('compare')}
      flush
      aside={
        <label className="flex min-w-0 flex-wrap items-center gap-2 text-[13px]">
          {t('compareWith')}
          <select
            className="h-11 max-w-full min-w-0 rounded-md border border-line-strong/70 bg-card px-2 sm:h-9"
            value={other}
            onChange={(event) => setOther(event.target.value)}
          >
            <option value="">—</option>
            {packs
              .filter(({ packHash }) => packHash !== hash)
              .map((each) => (
                <option key={each.packHash} value={each.packHash}>
                  {each.packId} {each.version} ({t(`state.${each.state}`)})
                </option>
              ))}
          </select>
        </label>
      }
    >
      {other === '' ? null : (
        <Loaded query={answer} skeleton={<Skeleton className="h-40" />}>
          {(differences) => <DifferenceTable differences={differences} />}
        </Loaded>
      )}
    </Panel>
  );
}

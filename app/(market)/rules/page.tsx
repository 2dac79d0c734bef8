'use client';
/** The rules in force (E-Commerce Law art. 33: on the home page, old versions kept): every figure with source, dates and confidence. */
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatFen } from '#app/_client/format.ts';
import { AnnouncedTerms } from '#app/_components/announced-terms.tsx';
import { KindLine } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Chip, type ChipTone, Field, Id, PageTitle, Panel, Skeleton, TextLink, Time } from '#app/_components/ui.tsx';
import { useCitation } from '#app/_components/use-citation.ts';
import type { AnnouncedKind, RulesView } from '#server/trpc/views.ts';
import { RuleChanges } from './rule-changes.tsx';

type Parameter = RulesView['parameters'][number];
const TONE: Record<Parameter['confidence'], ChipTone> = { VERIFIED: 'good', KNOWN: 'plain', UNSURE: 'wait', DESIGN: 'accent' };

/** Lists and tables of a pack are values too; they wrap, figures do not. */
const LONG_VALUE = 24;

export default function RulesPage() {
  return (
    <Suspense fallback={<Skeleton className="h-[70vh]" />}>
      <RulesBody />
    </Suspense>
  );
}

function RulesBody() {
  const t = useTranslations('rules');
  const asked = useSearchParams().get('pack');
  const rules = useQuery({ queryKey: ['rules', asked ?? 'now'], queryFn: () => api.rules.get(asked), staleTime: 600_000 });
  const announced = useQuery({ queryKey: ['rules', 'announced'], queryFn: () => api.rules.announced(), staleTime: 60_000 });
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <header className="max-w-3xl space-y-1">
        <h1 className="text-xl font-bold">{t('heading')}</h1>
        <p className="text-ink-2">{t('lead')}</p>
      </header>
      <Panel title={t('defaults')}>
        <ul className="list-disc space-y-1 ps-5">
          {(['feeText', 'protectionText', 'ageText', 'cancelText'] as const).map((key) => (
            <li key={key}>{t(key)}</li>
          ))}
        </ul>
      </Panel>
      <RuleChanges />
      <Loaded query={announced} skeleton={<Skeleton className="h-24" />}>
        {(kinds) => <Announced kinds={kinds} />}
      </Loaded>
      <Loaded query={rules} skeleton={<Skeleton className="h-[70vh]" />}>
        {(data) => <Rules key={data.packHash} rules={data} />}
      </Loaded>
      <Versions shown={rules.data?.packHash ?? null} />
    </div>
  );
}

function Versions({ shown }: { readonly shown: string | null }) {
  const t = useTranslations('rules');
  const versions = useQuery({ queryKey: ['rules', 'versions'], queryFn: () => api.rules.versions(), staleTime: 600_000 });
  return (
    <Loaded query={versions} skeleton={<Skeleton className="h-24" />}>
      {(rows) => (
        <Panel title={t('versions')} flush>
          <ul className="divide-y divide-line">
            {rows.map((row) => (
              <li key={row.packHash} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
                <TextLink
                  href={row.isInForce ? '/rules' : `/rules?pack=${row.packHash}`}
                  aria-current={row.packHash === shown ? 'page' : undefined}
                  className="inline-flex min-h-11 items-center font-medium sm:min-h-8"
                >
                  {row.version}
                </TextLink>
                <Time at={row.activatedAt} style="full" />
                {row.isInForce ? <Chip tone="good">{t('current')}</Chip> : null}
                <Id value={row.packHash} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </Loaded>
  );
}

function Announced({ kinds }: { readonly kinds: readonly AnnouncedKind[] }) {
  const t = useTranslations('rules');
  return (
    <Panel title={t('announced')}>
      {kinds.length === 0 ? (
        <p className="text-ink-3">{t('noneAnnounced')}</p>
      ) : (
        <ul className="divide-y divide-line">
          {kinds.map((kind) => (
            <li key={kind.classId} className="flex flex-wrap items-start gap-x-6 gap-y-2 py-2">
              <KindLine href={`/c/${kind.classId}`} names={kind.names} icon={kind.icon} rarity={kind.rarity} />
              <AnnouncedTerms announced={kind} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Rules({ rules }: { readonly rules: RulesView }) {
  const t = useTranslations('rules');
  const confidence = useTranslations('confidence');
  const citation = useCitation();
  const { locale } = usePreferences();
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const shown = rules.parameters.filter((each) =>
    `${each.name} ${each.words?.zh ?? ''} ${each.words?.en ?? ''} ${each.ruleId} ${each.citation} ${citation(each.citation)}`
      .toLowerCase()
      .includes(wanted),
  );
  const isOld = useSearchParams().get('pack') !== null;
  return (
    <div className="space-y-4">
      {isOld ? (
        <p className="rounded-md border border-amber/40 bg-amber-soft p-3" role="note">
          {t('old', { version: rules.version })} <TextLink href="/rules">{t('toCurrent')}</TextLink>
        </p>
      ) : null}
      <Panel
        title={`${t('pack')} ${rules.packId} ${rules.version}`}
        aside={
          <span className="flex flex-wrap items-center gap-3 text-sm">
            <span className="num">
              {rules.from} – {rules.to}
            </span>
            <Id value={rules.packHash} />
          </span>
        }
        flush
      >
        <ul className="divide-y divide-line">
          {rules.lines.map((line) => (
            <li key={line.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
              <span className="font-medium">{line.name[locale === 'en' ? 'en' : 'zh']}</span>
              <span className="font-mono text-xs text-ink-3">{line.ruleId}</span>
              <span className="text-sm text-ink-2">{citation(line.citation)}</span>
              <Chip tone={TONE[line.confidence]}>{confidence(line.confidence)}</Chip>
            </li>
          ))}
        </ul>
      </Panel>
      <div className="max-w-sm">
        <Field label={t('search')} type="search" value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      <Panel flush>
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('id')}</th>
              <th className="end">{t('value')}</th>
              <th>{t('valid')}</th>
              <th>{t('citation')}</th>
              <th>{t('confidence')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((each) => (
              <tr key={each.name}>
                <td data-label={t('id')}>
                  <div>
                    <span className="block font-medium">{each.words?.[locale === 'en' ? 'en' : 'zh'] ?? each.name}</span>
                    <span className="font-mono text-xs text-ink-3">{each.name}</span>{' '}
                    <span className="font-mono text-xs text-ink-3">{each.ruleId}</span>
                  </div>
                </td>
                <td data-label={t('value')} className="end font-semibold">
                  <span className={each.value.length > LONG_VALUE ? 'font-mono text-xs font-normal [overflow-wrap:anywhere]' : 'num'}>
                    {each.unit === 'fen' ? `${formatFen(BigInt(each.value))} 元` : each.value}
                  </span>
                </td>
                <td data-label={t('valid')} className="num">
                  {each.from} – {each.to ?? ''}
                </td>
                <td data-label={t('citation')} className="text-sm text-ink-2">
                  {citation(each.citation)}
                </td>
                <td data-label={t('confidence')}>
                  <Chip tone={TONE[each.confidence]}>{confidence(each.confidence)}</Chip>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
    </div>
  );
}

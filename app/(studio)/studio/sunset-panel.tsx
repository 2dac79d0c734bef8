'use client';
/** The end of a game with each clock (T-27), and until one is announced the signs of life (T-28). */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { GameArchive } from '#app/_components/game-archive.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { Chip, Id, Panel, Skeleton, Stat, Time } from '#app/_components/ui.tsx';
import { NO_TERMS } from '#sandbox/packs/no-terms.ts';
import type { StudioOverview } from '#server/trpc/views.ts';
import { SunsetForm } from './sunset-form.tsx';

const POLL_MS = 30_000;
const CAUSE = { studio: 'announced', silence: 'silence', members: 'members' } as const;
type Page = Awaited<ReturnType<typeof staffApi.studio.sunset>>;

export function SunsetPanel({ overview }: { readonly overview: StudioOverview }) {
  const t = useTranslations('sunset');
  const query = useQuery({ queryKey: ['studio', 'sunset'], queryFn: () => staffApi.studio.sunset(), refetchInterval: POLL_MS });
  return (
    <Panel title={t('title')}>
      <Loaded query={query} skeleton={<Skeleton className="h-40" />}>
        {({ sunset, life }) => (sunset === null ? <Life life={life} overview={overview} /> : <Checklist sunset={sunset} />)}
      </Loaded>
    </Panel>
  );
}

function Checklist({ sunset }: { readonly sunset: NonNullable<Page['sunset']> }) {
  const t = useTranslations('sunset');
  return (
    <div className="space-y-4">
      <p>
        <Chip tone="wait">{t(CAUSE[sunset.cause])}</Chip>
      </p>
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-3">
        <Stat label={t('ends')} note={t('daysLeft', { days: sunset.daysLeft })}>
          <Time at={sunset.endsAt} style="full" />
        </Stat>
        <Stat label={t('items')}>{formatCount(sunset.liveItems)}</Stat>
      </dl>
      <p className="text-sm [overflow-wrap:anywhere]">
        <span className="block text-xs text-ink-3">{t('refund')}</span>{' '}
        {sunset.refundTerms === NO_TERMS ? t('noTerms') : sunset.refundTerms}
      </p>
      <ol className="space-y-2 text-sm">
        {sunset.checklist.map(({ step, isDone, left, until }) => (
          <li key={step} className="flex flex-wrap items-center gap-2">
            <Chip tone={isDone ? 'good' : 'wait'}>{t(isDone ? 'done' : 'open')}</Chip> {t(`step.${step}`)}
            {left === 0 ? null : <span className="text-ink-2">{t('left', { count: formatCount(left) })}</span>}
            {isDone || until === null ? null : (
              <span className="text-ink-2">
                {t('until')} <Time at={until} style="full" />
              </span>
            )}
          </li>
        ))}
      </ol>
      {sunset.file === null ? null : <GameArchive file={sunset.file} />}
    </div>
  );
}

function Life({ life, overview }: { readonly life: Page['life']; readonly overview: StudioOverview }) {
  const t = useTranslations('sunset');
  return (
    <div className="space-y-3">
      <p className="text-sm text-ink-2">{t('none')}</p>
      <Announce overview={overview} />
      <h3 className="text-sm font-semibold">{t('alive')}</h3>
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('game')}</th>
            <th>{t('lastSign')}</th>
            <th>{t('decidedAt')}</th>
          </tr>
        </thead>
        <tbody>
          {life.map((game) => (
            <tr key={game.gameId}>
              <td data-label={t('game')}>
                <Id value={game.gameId} />
              </td>
              <td data-label={t('lastSign')}>
                <span>
                  <Time at={game.lastSign} style="full" /> <span className="text-ink-2">{t('silentDays', { days: game.silentDays })}</span>{' '}
                  {game.warned.map((days) => (
                    <Chip key={days} tone="bad">
                      {t('warned', { days })}
                    </Chip>
                  ))}
                </span>
              </td>
              <td data-label={t('decidedAt')}>
                <Time at={game.decidedAt} style="full" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Announce({ overview }: { readonly overview: StudioOverview }) {
  const t = useTranslations('sunset');
  if (overview.games.length === 0) return null;
  return overview.isHosted ? <SunsetForm games={overview.games} /> : <p className="text-sm text-ink-2">{t('ownKey')}</p>;
}

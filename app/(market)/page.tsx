'use client';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { useHome } from '#app/_components/home-head.ts';
import { ImportProgressBar, sumOfImports } from '#app/_components/import-progress.tsx';
import { ItemName, KindTile } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { StateChip } from '#app/_components/state-chip.tsx';
import { Tape } from '#app/_components/tape.tsx';
import { Chip, PageTitle, Panel, Skeleton, Stat, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { WatchPanel } from '#app/_components/watch/watch-panel.tsx';
import type { ClassCard, Home } from '#server/trpc/views.ts';

const TILES = 'grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-4';

export default function HomePage() {
  const t = useTranslations('home');
  const home = useHome();
  return (
    <>
      <PageTitle text={t('title')} />
      <Loaded query={home} skeleton={<HomeSkeleton />}>
        {(data) => <HomeBody home={data} />}
      </Loaded>
    </>
  );
}

function HomeBody({ home }: { readonly home: Home }) {
  const t = useTranslations();
  const isImporting = home.imports.some((job) => job.state !== 'finished' || job.certified + job.rejected < job.total);
  const importing = isImporting ? sumOfImports(home.imports) : null;
  return (
    <div className="space-y-5">
      <Masthead home={home} />
      {importing === null ? null : (
        <Panel title={t('importing.title')}>
          <ImportProgressBar job={importing} />
        </Panel>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_360px]">
        <div className="space-y-5">
          <Row title={t('home.popular')} cards={home.popular.slice(0, 8)} href="/search?sort=most_traded" />
          <Row title={t('home.newest')} cards={home.newest.slice(0, 8)} href="/search?sort=newest" />
        </div>
        <div className="space-y-5">
          <WatchPanel />
          <Panel title={t('home.tape')} flush>
            <Tape rows={home.tape.slice(0, 12)} empty={t('home.tapeEmpty')} />
          </Panel>
          <Games home={home} />
          <Experiments home={home} />
          {home.announcements.length === 0 ? null : (
            <Panel title={t('home.announcements')} flush>
              <ul className="divide-y divide-line">
                {home.announcements.map((entry) => (
                  <li key={`${entry.what}${entry.href}${entry.from}`} className="px-4 py-3">
                    <TextLink href={entry.href}>
                      {t(`home.announced.${entry.what}`)} <ItemName names={entry.names} />
                    </TextLink>
                    <p className="text-xs text-ink-3">
                      <Time at={entry.from} style="full" /> · {t('home.daysLeft', { days: entry.daysLeft })}
                    </p>
                  </li>
                ))}
              </ul>
            </Panel>
          )}
        </div>
      </div>
    </div>
  );
}

function Masthead({ home }: { readonly home: Home }) {
  const t = useTranslations('home');
  return (
    <section className="notch grid gap-5 border border-line bg-card p-5 sm:p-6 lg:grid-cols-[minmax(0,1fr)_auto] lg:items-center">
      <div className="max-w-xl space-y-2">
        <h1 className="text-2xl leading-tight font-bold tracking-tight sm:text-[28px]">{t('heading')}</h1>
        <p className="text-ink-2">{t('lead')}</p>
        <p className="flex flex-wrap items-center gap-2 text-[13px] text-ink-2">
          <Chip tone={home.members.signed > 0 ? 'good' : 'wait'}>
            {t('members')} · {t('membersOf', { signed: home.members.signed, total: home.members.total })}
          </Chip>
          <ItemName names={home.members.note} />
          <TextLink href="/explorer">
            {t('height')} <span className="num">{formatCount(home.height)}</span>
          </TextLink>
        </p>
      </div>
      <dl className="grid grid-cols-2 gap-x-8 gap-y-3 sm:grid-cols-4 lg:grid-cols-2">
        <Stat large label={t('kinds')}>
          {formatCount(home.classes)}
        </Stat>
        <Stat large label={t('items')}>
          {formatCount(home.items)}
        </Stat>
        <Stat large label={t('listings')}>
          {formatCount(home.listings)}
        </Stat>
        <Stat large label={t('buyOrders')}>
          {formatCount(home.buyOrders)}
        </Stat>
      </dl>
    </section>
  );
}

function Row({ title, cards, href }: { readonly title: string; readonly cards: readonly ClassCard[]; readonly href: string }) {
  const t = useTranslations('panel');
  return (
    <section>
      <header className="mb-2 flex items-baseline justify-between">
        <h2 className="text-[15px] font-semibold">{title}</h2>
        <TextLink href={href} className="inline-flex min-h-11 items-center text-[13px] sm:min-h-6" aria-label={`${t('all')}: ${title}`}>
          {t('all')}
        </TextLink>
      </header>
      {cards.length === 0 ? <p className="rounded-lg border border-line bg-card px-4 py-8 text-center text-ink-2">{t('empty')}</p> : null}
      <div className={TILES}>
        {cards.map((card) => (
          <KindTile key={card.classId} card={card} />
        ))}
      </div>
    </section>
  );
}

function Games({ home }: { readonly home: Home }) {
  const t = useTranslations('home');
  if (home.games.length === 0) return null;
  return (
    <Panel title={t('games')}>
      <p className="mb-2 text-xs text-ink-3">{t('gamesNote')}</p>
      <ol className="space-y-2">
        {home.games.map((game, index) => (
          <li key={game.gameId} className="flex items-baseline justify-between gap-3">
            <TextLink href={`/search?game=${encodeURIComponent(game.gameId)}`}>
              <span className="num me-2 text-ink-3">{index + 1}</span>
              <ItemName names={game.names} />
            </TextLink>
            <span className="text-end">
              <Yuan fen={game.turnover7dFen} className="font-semibold" />{' '}
              <span className="text-xs text-ink-3">
                (<Yuan fen={game.turnoverRaw7dFen} />)
              </span>
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Experiments({ home }: { readonly home: Home }) {
  const t = useTranslations('home');
  if (home.experiments.length === 0) return null;
  return (
    <Panel title={t('experiments')}>
      <ul className="space-y-3">
        {home.experiments.map((entry) => (
          <li key={entry.experimentId}>
            <TextLink href={`/experiments/${entry.experimentId}`} className="font-medium">
              <ItemName names={entry.title} />
            </TextLink>
            <p className="flex flex-wrap items-center gap-2 text-xs text-ink-3">
              <span className="num">{entry.experimentId}</span>
              <StateChip status={entry.status} />
              <ItemName names={entry.label} />
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function HomeSkeleton() {
  return (
    <div className="space-y-5">
      <Skeleton className="h-64 lg:h-44" />
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_360px]">
        <div className={TILES}>
          {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key) => (
            <Skeleton key={key} className="h-64" />
          ))}
        </div>
        <Skeleton className="h-[520px]" />
      </div>
    </div>
  );
}

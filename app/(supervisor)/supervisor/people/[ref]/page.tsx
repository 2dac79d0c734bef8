'use client';
/** One person by reference (V-13): what they hold, trade and are linked to. Who it is opens for a case alone. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { formatCount, formatYuan } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { KindLine, useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useRefusalSentence } from '#app/_components/refusal-note.tsx';
import { SellerYearPanel } from '#app/_components/seller-year.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { TRADE_TONE } from '#app/_components/trade/trade-detail.tsx';
import { Chip, Id, LinkButton, PageTitle, Panel, Skeleton, Stat, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { useCitation } from '#app/_components/use-citation.ts';
import type { PersonLook } from '#server/trpc/views.ts';
import { OpeningsOf } from '../openings.tsx';

const SHOWN_ITEMS = 30;

export default function PersonPage() {
  const { ref } = useParams<{ ref: string }>();
  const query = useQuery({ queryKey: ['look', 'person', ref], queryFn: () => staffApi.look.person(ref), retry: false });
  return (
    <Loaded query={query} skeleton={<Skeleton className="h-[70vh]" />}>
      {(look) => <Person look={look} />}
    </Loaded>
  );
}

function Person({ look }: { readonly look: PersonLook }) {
  const t = useTranslations();
  const role = useStaff()?.role;
  return (
    <div className="space-y-5">
      <PageTitle text={t('look.person')} />
      <Panel
        title={t('look.person')}
        aside={
          role === 'sup_finance' || role === 'sup_tax' ? (
            <LinkButton href={`/supervisor/flows?kind=person&id=${look.ref}`}>{t('look.flow')}</LinkButton>
          ) : undefined
        }
      >
        <p className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-1">
          <strong className="text-lg">{look.name ?? t('look.pseudonym')}</strong>
          <Id value={look.ref} />
        </p>
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Stat label={t('look.level')} note={look.isAdult ? t('look.adult') : t('look.minor')}>
            {look.level}
          </Stat>
          <Stat label={t('look.joined')}>
            <Time at={look.joinedAt} style="day" />
          </Stat>
          <Stat label={t('look.sold')} note={t('look.count', { count: look.sold.trades })}>
            <Yuan fen={look.sold.grossFen} />
          </Stat>
          <Stat label={t('look.bought')} note={t('look.count', { count: look.bought.trades })}>
            <Yuan fen={look.bought.grossFen} />
          </Stat>
        </dl>
      </Panel>
      {look.year === null ? null : <SellerYearPanel year={look.year} />}
      <OpeningsOf about={{ subject: look.ref }} />
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Links look={look} />
        <Concerns look={look} />
      </div>
      <Decisions look={look} />
      <Holdings look={look} />
      <Trades look={look} />
    </div>
  );
}

/** What the rules refused or put before a supervisor, each with rule and citation. */
function Decisions({ look }: { readonly look: PersonLook }) {
  const t = useTranslations('look');
  const name = useName();
  const sentence = useRefusalSentence();
  const cite = useCitation();
  return (
    <Panel title={t('decisions')}>
      {look.decisions.length === 0 ? (
        <p className="text-[13px] text-ink-2">{t('noDecisions')}</p>
      ) : (
        <ul className="divide-y divide-line text-[13px]">
          {look.decisions.map((each) => (
            <li key={`${each.at}${each.classId}${each.side}`} className="space-y-1 py-2" data-decision={each.kind}>
              <p className="flex flex-wrap items-center gap-x-3">
                <Chip tone={each.kind === 'deny' ? 'bad' : 'wait'}>{t(`decision.${each.kind}`)}</Chip>
                <Time at={each.at} style="full" />
                <span>{t(`side.${each.side}`)}</span>
                <span>{each.names === null ? each.classId : name(each.names)}</span>
                <Yuan fen={each.priceFen} />
                {each.quantity === 1 ? null : <span className="num">× {formatCount(each.quantity)}</span>}
                {each.arm === null ? null : (
                  <span className="text-ink-3">
                    {each.experimentId} · {each.arm}
                  </span>
                )}
              </p>
              {each.reasons.map((reason) => (
                <p key={reason.code} className="text-ink-2">
                  {sentence(reason)}{' '}
                  <span className="text-ink-3">{[reason.ruleId, cite(reason.citation), each.pack].filter(Boolean).join(' · ')}</span>
                </p>
              ))}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Links({ look }: { readonly look: PersonLook }) {
  const t = useTranslations('look');
  return (
    <Panel title={t('links')}>
      <p className="mb-2 text-xs text-ink-3">{t('linksText')}</p>
      {look.links.length === 0 ? (
        <p className="text-[13px] text-ink-2">{t('noLinks')}</p>
      ) : (
        <ul className="divide-y divide-line text-[13px]">
          {look.links.map((link) => (
            <li key={`${link.reason}${link.ref}`} className="flex flex-wrap items-center gap-x-3 py-2" data-link={link.reason}>
              <TextLink href={`/supervisor/people/${link.ref}`}>{link.name ?? `${link.ref.slice(0, 12)}…`}</TextLink>
              <Chip tone="wait">{t(`reason.${link.reason}`, { detail: link.detail })}</Chip>
              <span className="text-ink-3">
                {t('since')} <Time at={link.since} style="day" />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Concerns({ look }: { readonly look: PersonLook }) {
  const t = useTranslations();
  const name = useName();
  return (
    <Panel title={t('look.alerts')}>
      {look.alerts.length === 0 ? <p className="text-[13px] text-ink-2">{t('look.noAlerts')}</p> : null}
      <ul className="divide-y divide-line text-[13px]">
        {look.alerts.map((alert) => (
          <li key={alert.alertId} className="flex flex-wrap items-center gap-x-3 py-2">
            <TextLink href={`/supervisor/alerts/${alert.alertId}`}>
              {alert.detector} {name(alert.title)}
            </TextLink>
            <span className="num font-semibold">{alert.score}</span>
            <Time at={alert.at} />
          </li>
        ))}
      </ul>
      <h3 className="mt-4 mb-1 text-[13px] font-semibold">{t('look.freezes')}</h3>
      {look.freezes.length === 0 ? <p className="text-[13px] text-ink-2">{t('look.noFreezes')}</p> : null}
      <ul className="divide-y divide-line text-[13px]">
        {look.freezes.map((freeze) => (
          <li key={freeze.freezeId} className="flex flex-wrap items-center gap-x-3 py-2">
            <Chip tone={freeze.state === 'active' ? 'bad' : 'plain'}>{t(`cases.freezeState.${freeze.state}`)}</Chip>
            <span>{t(`cases.scope.${freeze.scope}`)}</span>
            <Time at={freeze.until} style="full" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Holdings({ look }: { readonly look: PersonLook }) {
  const t = useTranslations();
  const { items, referenceFen, rows } = look.holdings;
  return (
    <Panel
      title={t('look.holdings')}
      aside={
        <span className="num text-[13px] text-ink-3">
          {t('look.items', { count: formatCount(items), value: formatYuan(referenceFen) })}
        </span>
      }
      flush
    >
      {rows.length === 0 ? <p className="p-4 text-ink-3">{t('look.noHoldings')}</p> : null}
      <ul className="grid gap-x-6 px-4 py-2 text-[13px] sm:grid-cols-2 lg:grid-cols-3">
        {rows.slice(0, SHOWN_ITEMS).map((row) => (
          <li key={row.itemId} className="min-w-0 py-1.5">
            <KindLine
              href={`/supervisor/items/${row.itemId}`}
              names={row.card.names}
              icon={row.card.icon}
              rarity={row.card.rarity}
              note={t('item.serial', { number: row.serialNo })}
            />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Trades({ look }: { readonly look: PersonLook }) {
  const t = useTranslations();
  return (
    <Panel title={t('look.tradesOf')} flush>
      {look.trades.length === 0 ? <p className="p-4 text-ink-3">{t('look.noTrades')}</p> : null}
      <table className="data-table as-cards">
        <thead className={look.trades.length === 0 ? 'hidden' : undefined}>
          <tr>
            <th>{t('orders.kind')}</th>
            <th>{t('sheet.side')}</th>
            <th className="end">{t('orders.total')}</th>
            <th>{t('orders.state')}</th>
            <th>{t('kind.time')}</th>
          </tr>
        </thead>
        <tbody>
          {look.trades.map((trade) => (
            <tr key={trade.tradeId}>
              <td>
                <KindLine href={`/supervisor/trades/${trade.tradeId}`} names={trade.names} icon={trade.icon} rarity={trade.rarity} />
              </td>
              <td data-label={t('sheet.side')}>{trade.side === 'buy' ? t('sheet.buySide') : t('sheet.sellSide')}</td>
              <td data-label={t('orders.total')} className="end font-medium">
                <Yuan fen={trade.grossFen} />
              </td>
              <td data-label={t('orders.state')}>
                <Chip tone={TRADE_TONE[trade.state]}>{t(`tradeState.${trade.state}`)}</Chip>
              </td>
              <td data-label={t('kind.time')}>
                <Time at={trade.stateSince} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

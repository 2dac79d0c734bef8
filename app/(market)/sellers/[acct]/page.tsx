'use client';
/** The public page of a seller, a person or a studio: who it is and what anybody may take from it now. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import { ItemName, Plate, useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { Chip, Id, PageTitle, Panel, Skeleton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { SellerPage } from '#server/trpc/views.ts';

export default function SellerScreen() {
  const { acct } = useParams<{ acct: string }>();
  const page = useQuery({ queryKey: ['seller', acct], queryFn: () => api.seller.get(acct), refetchInterval: 15_000 });
  return (
    <Loaded query={page} skeleton={<Skeleton className="h-[60vh]" />}>
      {(data) => <Seller page={data} />}
    </Loaded>
  );
}

function Seller({ page }: { readonly page: SellerPage }) {
  const t = useTranslations('seller');
  const nameOf = useName();
  return (
    <div className="space-y-5">
      <PageTitle text={nameOf(page.names)} />
      <header className="space-y-2">
        <h1 className="flex flex-wrap items-center gap-3 text-2xl font-bold">
          <ItemName names={page.names} />
          <Chip tone="accent">{t(page.kind)}</Chip>
          {page.closedAt === null ? null : <Chip tone="bad">{t('closed')}</Chip>}
        </h1>
        <p className="max-w-3xl text-[13px] text-ink-2">{t(page.kind === 'studio' ? 'studioText' : 'personText')}</p>
        <dl className="flex flex-wrap gap-x-8 gap-y-1 text-[13px]">
          <Fact name={t('since')}>
            <Time at={page.since} style="day" />
          </Fact>
          {page.creditCode === null ? null : (
            <Fact name={t('creditCode')}>
              <span className="num">{page.creditCode}</span>
            </Fact>
          )}
          <Fact name={t('account')}>
            <Id value={page.acct} />
          </Fact>
        </dl>
      </header>
      {page.games.length === 0 ? null : <Games games={page.games} />}
      <Listings page={page} />
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="flex gap-2">
      <dt className="text-ink-3">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Games({ games }: Pick<SellerPage, 'games'>) {
  const t = useTranslations('seller');
  return (
    <Panel title={t('games')}>
      <ul className="flex flex-wrap gap-x-6 gap-y-1">
        {games.map(({ gameId, names, kinds }) => (
          <li key={gameId}>
            <TextLink href={`/search?game=${encodeURIComponent(gameId)}`}>
              <ItemName names={names} />
            </TextLink>{' '}
            <span className="text-[13px] text-ink-3">{t('kinds', { count: formatCount(kinds) })}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Listings({ page }: { readonly page: SellerPage }) {
  const t = useTranslations('seller');
  const word = useTranslations();
  const { listings, total } = page;
  return (
    <Panel title={t('listings')} flush>
      {listings.length === 0 ? (
        <Empty title={t('none')} text={t('noneText')} />
      ) : (
        <table className="data-table as-cards" data-testid="seller-listings">
          <thead>
            <tr>
              <th>{t('item')}</th>
              <th>{word('kind.until')}</th>
              <th className="end">{word('kind.price')}</th>
            </tr>
          </thead>
          <tbody>
            {listings.map(({ listing, card }) => (
              <tr key={listing.orderId}>
                <td>
                  <span className="flex items-center gap-3">
                    <Plate icon={card.icon} rarity={card.rarity} category={card.category} size="row" />
                    <span className="min-w-0">
                      <TextLink href={`/c/${card.classId}`}>
                        <ItemName names={card.names} />
                      </TextLink>{' '}
                      {listing.items.map(({ itemId, serialNo }) => (
                        <TextLink key={itemId} href={`/i/${itemId}`} className="num text-[13px]">
                          {word('item.serial', { number: serialNo })}
                        </TextLink>
                      ))}
                    </span>
                  </span>
                </td>
                <td data-label={word('kind.until')}>
                  <Time at={listing.expiresAt} style="day" />
                </td>
                <td data-label={word('kind.price')} className="end font-semibold">
                  <Yuan fen={listing.priceFen} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {total > listings.length ? <p className="p-4 text-[13px] text-ink-3">{t('more', { count: total - listings.length })}</p> : null}
    </Panel>
  );
}

/** The rows of the portfolio as a table and as a grid, each with its mark for the bulk bar (P-36). */
import { useTranslations } from 'use-intl';
import { ItemName, KindLine, Plate } from '#app/_components/item-art.tsx';
import { Chip, type ChipTone, LinkButton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { ItemState, PortfolioRow } from '#server/trpc/views.ts';

const TONE: Record<ItemState, ChipTone> = { free: 'good', listed: 'accent', held: 'wait', protected: 'wait', frozen: 'bad', burned: 'bad' };

export type RowsProps = {
  readonly rows: readonly PortfolioRow[];
  readonly chosen: ReadonlySet<string>;
  readonly onToggle: (itemId: string) => void;
};

function Mark({ row, chosen, onToggle }: Omit<RowsProps, 'rows'> & { readonly row: PortfolioRow }) {
  const t = useTranslations('portfolio');
  return (
    <label className="inline-grid size-11 flex-none cursor-pointer place-items-center sm:size-8">
      <span className="sr-only">{t('choose')}</span>
      <input type="checkbox" className="size-4 accent-accent" checked={chosen.has(row.itemId)} onChange={() => onToggle(row.itemId)} />
    </label>
  );
}

function Act({ row }: { readonly row: PortfolioRow }) {
  const t = useTranslations();
  if (row.state === 'free') return <LinkButton href={`/sell?item=${row.itemId}`}>{t('nav.sell')}</LinkButton>;
  if (row.state !== 'listed' || row.orderId === null) return null;
  return <LinkButton href={`/orders?edit=${row.orderId}`}>{t('orders.edit')}</LinkButton>;
}

export function PortfolioGrid({ rows, ...marks }: RowsProps) {
  const t = useTranslations();
  return (
    <ul className="grid grid-cols-2 gap-3 p-3 sm:grid-cols-3 lg:grid-cols-4 xl:grid-cols-5">
      {rows.map((row) => (
        <li key={row.itemId} className="flex min-w-0 flex-col gap-1 rounded-lg border border-line bg-sunk p-2">
          <Plate icon={row.card.icon} rarity={row.card.rarity} category={row.card.category} size="card" />
          <TextLink href={`/i/${row.itemId}`} className="font-semibold">
            <ItemName names={row.card.names} />
          </TextLink>
          <p className="flex flex-wrap items-center gap-1 text-xs text-ink-3">
            {t('item.serial', { number: row.serialNo })} <Chip tone={TONE[row.state]}>{t(`itemState.${row.state}`)}</Chip>
          </p>
          <dl className="grid grid-cols-[auto_1fr] gap-x-2 text-xs text-ink-3">
            <dt>{t('portfolio.cost')}</dt>
            <dd className="text-end text-ink">{row.costBasisFen === null ? '—' : <Yuan fen={row.costBasisFen} />}</dd>
            <dt>{t('portfolio.reference')}</dt>
            <dd className="text-end text-ink">{row.referenceFen === null ? '—' : <Yuan fen={row.referenceFen} />}</dd>
            {row.unrealisedFen === null ? null : (
              <>
                <dt>{t('portfolio.unrealised')}</dt>
                <dd className="text-end text-ink">
                  <Yuan fen={row.unrealisedFen} signed />
                </dd>
              </>
            )}
          </dl>
          <div className="mt-auto flex items-center justify-between">
            <Mark row={row} {...marks} />
            <Act row={row} />
          </div>
        </li>
      ))}
    </ul>
  );
}

export function PortfolioTable({ rows, ...marks }: RowsProps) {
  const t = useTranslations();
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>
            <span className="sr-only">{t('portfolio.choose')}</span>
          </th>
          <th>{t('portfolio.item')}</th>
          <th>{t('portfolio.state')}</th>
          <th>{t('portfolio.acquired')}</th>
          <th className="end">{t('portfolio.cost')}</th>
          <th className="end">{t('portfolio.reference')}</th>
          <th className="end">{t('portfolio.unrealised')}</th>
          <th>
            <span className="sr-only">{t('nav.sell')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.itemId}>
            <td>
              <Mark row={row} {...marks} />
            </td>
            <td>
              <KindLine
                href={`/i/${row.itemId}`}
                names={row.card.names}
                icon={row.card.icon}
                rarity={row.card.rarity}
                note={t('item.serial', { number: row.serialNo })}
              />
            </td>
            <td data-label={t('portfolio.state')}>
              <span className="inline-flex flex-wrap items-center gap-1">
                <Chip tone={TONE[row.state]}>{t(`itemState.${row.state}`)}</Chip>
                {row.stateUntil === null ? null : (
                  <span className="text-xs text-ink-3">
                    <Time at={row.stateUntil} />
                  </span>
                )}
              </span>
            </td>
            <td data-label={t('portfolio.acquired')}>
              <Time at={row.acquiredAt} style="day" />
            </td>
            <td data-label={t('portfolio.cost')} className="end">
              <span>
                {row.costBasisFen === null ? '—' : <Yuan fen={row.costBasisFen} />}
                <span className="block text-xs text-ink-3">{t(`costSource.${row.costSource}`)}</span>
              </span>
            </td>
            <td data-label={t('portfolio.reference')} className="end">
              {row.referenceFen === null ? (
                <span className="text-ink-3">{t('portfolio.noReference')}</span>
              ) : (
                <Yuan fen={row.referenceFen} />
              )}
            </td>
            <td data-label={t('portfolio.unrealised')} className="end">
              {row.unrealisedFen === null ? '—' : <Yuan fen={row.unrealisedFen} signed />}
            </td>
            <td className="end">
              <Act row={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

'use client';
import { useTranslations } from 'use-intl';
import { ItemName } from '#app/_components/item-art.tsx';
import { Chip, Id, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { AlertEvidence } from '#server/trpc/views.ts';

const LABELS = ['self_trade', 'wash', 'circular'] as const;

export function EvidenceTable(props: { readonly rows: readonly AlertEvidence[]; readonly names: Readonly<Record<string, string>> }) {
  const t = useTranslations('alerts');
  const party = (ref: string | null) => (ref === null ? '—' : <Party value={ref} name={props.names[ref] ?? null} />);
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th className="end">#</th>
          <th>{t('at')}</th>
          <th>{t('from')}</th>
          <th>{t('to')}</th>
          <th className="end">{t('amount')}</th>
          <th>{t('item')}</th>
          <th>{t('labels')}</th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row, i) => (
          <tr key={row.id}>
            <td className="end num" data-label="#">
              {i + 1}
            </td>
            <td data-label={t('at')}>
              {row.kind === 'trade' ? (
                <TextLink href={`/supervisor/trades/${row.id}`}>
                  <Time at={row.at} />
                </TextLink>
              ) : (
                <Time at={row.at} />
              )}
            </td>
            <td data-label={t('from')}>{party(row.from)}</td>
            <td data-label={t('to')}>{party(row.to)}</td>
            <td data-label={t('amount')} className="end">
              {row.amountFen === null ? '—' : <Yuan fen={row.amountFen} />}
            </td>
            <td data-label={t('item')}>
              {row.className === null ? t(`kind.${row.kind}`) : <ItemName names={row.className} />}
              {row.quantity !== null && row.quantity > 1 ? <span className="num"> × {row.quantity}</span> : null}
            </td>
            <td data-label={t('labels')}>
              {LABELS.filter((label) => row.labels.includes(label)).map((label) => (
                <Chip key={label} tone="wait">
                  {t(`label.${label}`)}
                </Chip>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Party({ value, name }: { readonly value: string; readonly name: string | null }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1">
      <Id value={value} head={6} tail={4} />
      {name === null ? null : <span>{name}</span>}
    </span>
  );
}

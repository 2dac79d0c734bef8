'use client';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { shortId } from '#app/_client/format.ts';
import { casesZh } from '#app/_client/messages/cases.ts';
import { codesZh, knownCode } from '#app/_client/messages/codes.ts';
import { staffZh } from '#app/_client/messages/staff.ts';
import { ItemName } from '#app/_components/item-art.tsx';
import { Chip, Id, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { useCapName } from '#app/_components/use-cap-name.ts';
import { useRowKeys } from '#app/_components/use-row-keys.ts';
import type { TileName, TileRow } from '#server/trpc/views.ts';
import { percent, useSeconds } from '../tile-words.ts';
import { UNIT_OF } from './tile-kinds.ts';

export function RowTable({ tile, rows }: { readonly tile: TileName; readonly rows: readonly TileRow[] }) {
  const t = useTranslations('supervisor');
  const { box } = useRowKeys<HTMLTableSectionElement>({ keys: rows.map(({ id }) => id) });
  const has = (part: (row: TileRow) => unknown) => rows.some((row) => part(row) !== null);
  const columns = {
    names: has(({ names }) => names),
    at: has(({ at }) => at),
    person: tile !== 'sellers' && has(({ personRef }) => personRef),
    detail: has(({ detail }) => detail),
    value: UNIT_OF[tile] !== 'one',
  };
  const due = tile === 'frozen' ? t('until') : tile === 'members' ? t('seen') : UNIT_OF[tile] === 'one' ? t('due') : t('time');
  const person = tile === 'frozen' ? t('holder') : t('seller');
  return (
    <table className="data-table as-cards" data-rows={tile}>
      <thead>
        <tr>
          <th>{t('row')}</th>
          {columns.names ? <th>{t('about')}</th> : null}
          {columns.at ? <th>{due}</th> : null}
          {columns.person ? <th>{person}</th> : null}
          {columns.detail ? <th>{t('detail')}</th> : null}
          {columns.value ? <th className="end">{t('amount')}</th> : null}
        </tr>
      </thead>
      <tbody ref={box}>
        {rows.map((row) => (
          <tr key={row.id} data-row-key={row.id}>
            <td>
              <What tile={tile} id={row.id} />
            </td>
            {columns.names ? <td data-label={t('about')}>{row.names === null ? null : <ItemName names={row.names} />}</td> : null}
            {columns.at ? <td data-label={due}>{row.at === null ? null : <Time at={row.at} />}</td> : null}
            {columns.person ? <td data-label={person}>{row.personRef === null ? null : <Person acct={row.personRef} />}</td> : null}
            {columns.detail ? (
              <td data-label={t('detail')}>
                <Detail tile={tile} detail={row.detail} />
              </td>
            ) : null}
            {columns.value ? (
              <td data-label={t('amount')} className="num end">
                <Value tile={tile} value={row.value} />
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A row opens what it is about. */
function What({ tile, id }: { readonly tile: TileName; readonly id: string }) {
  const t = useTranslations('supervisor');
  const capName = useCapName();
  if (tile === 'reconciliation') {
    const part = knownCode(staffZh.supervisor.books, id);
    return <span>{part === null ? id : t(`books.${part}`)}</span>;
  }
  if (tile === 'caps') {
    const [experimentId = id] = id.split(' ');
    return (
      <span>
        <TextLink href={`/supervisor/experiments/${experimentId}`}>{experimentId}</TextLink> · {capName(id)}
      </span>
    );
  }
  if (tile === 'members') return <span>{id}</span>;
  if (tile === 'sellers') return <Person acct={id} />;
  const href = HREF.find(([start]) => id.startsWith(start))?.[1];
  const short = <span className="font-mono text-xs">{shortId(id)}</span>;
  return href === undefined ? (
    short
  ) : (
    <TextLink href={`${href}/${id}`} className="inline-flex min-h-6 items-center">
      {short}
    </TextLink>
  );
}
const HREF = [
  ['trd_', '/supervisor/trades'],
  ['itm_', '/supervisor/items'],
  ['alr_', '/supervisor/alerts'],
  ['cas_', '/supervisor/cases'],
] as const;

function Person({ acct }: { readonly acct: string }) {
  return (
    <TextLink href={`/supervisor/people/${acct}`}>
      <Id value={acct} />
    </TextLink>
  );
}

function Detail({ tile, detail }: { readonly tile: TileName; readonly detail: string | null }): ReactNode {
  const t = useTranslations();
  if (detail === null) return null;
  if (tile === 'sellers') return <span className="num">{t('supervisor.tradesOf', { count: detail })}</span>;
  if (tile === 'assessed') return <span className="num">{t('supervisor.versionOf', { version: detail })}</span>;
  if (tile === 'frozen') {
    const reason = knownCode(casesZh.cases.reasonCode, detail);
    return reason === null ? detail : t(`cases.reasonCode.${reason}`);
  }
  if (tile === 'cases' || tile === 'casesOverdue') {
    const state = knownCode(casesZh.cases.state, detail);
    return state === null ? detail : t(`cases.state.${state}`);
  }
  if (tile === 'alerts' || tile === 'alertsOverdue') return detail;
  return (
    <span className="inline-flex flex-wrap gap-1">
      {detail.split(' ').map((label) => {
        const known = knownCode(codesZh.label, label);
        return (
          <Chip key={label} tone="bad">
            {known === null ? label : t(`code.label.${known}`)}
          </Chip>
        );
      })}
    </span>
  );
}

function Value({ tile, value }: { readonly tile: TileName; readonly value: string }): ReactNode {
  const t = useTranslations('supervisor');
  const seconds = useSeconds();
  const unit = UNIT_OF[tile];
  if (unit === 'fen') return <Yuan fen={value} />;
  if (unit === 'ms') return seconds(Number(value));
  if (unit === 'share') return percent(value);
  return value === '1' ? <Chip tone="good">{t('up')}</Chip> : <Chip tone="bad">{t('down')}</Chip>;
}

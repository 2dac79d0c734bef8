'use client';
import { useTranslations } from 'use-intl';
import { attributeValueName } from '#app/_client/catalogue-words.ts';
import { ItemName } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Panel, Time } from '#app/_components/ui.tsx';
import type { ClassPage, ItemPage } from '#server/trpc/views.ts';

type Row = ClassPage['attributes'][number];

type Changes = ItemPage['attributeChanges'];
const UNCHANGED: Changes = [];

/** `changes`: what the studio changed on this item since it was issued. */
export function Attributes({ rows, changes = UNCHANGED }: { readonly rows: ClassPage['attributes']; readonly changes?: Changes }) {
  const t = useTranslations();
  const { locale } = usePreferences();
  if (rows.length === 0) return null;
  const shown = ({ unit, scale }: Row['definition'], value: Row['value']): string => {
    if (typeof value === 'boolean') return value ? t('panel.yes') : t('panel.no');
    if (typeof value === 'number') {
      const digits = scale === null ? String(value) : value.toLocaleString('en', { minimumFractionDigits: scale, useGrouping: false });
      return unit === null ? digits : `${digits} ${unit}`;
    }
    return attributeValueName(value, locale).text;
  };
  const isForeign = (value: Row['value']) => typeof value === 'string' && attributeValueName(value, locale).isForeign;
  return (
    <Panel title={t('kind.attributes')}>
      <dl className="space-y-1 text-[13px]">
        {rows.map(({ definition, value }) => (
          <div key={definition.key} className="flex justify-between gap-4">
            <dt className="text-ink-3">
              <ItemName names={definition.labels} />
            </dt>
            <dd className="num text-end font-medium">
              <span lang={isForeign(value) ? 'en' : undefined}>{shown(definition, value)}</span>
              {changes
                .filter(({ key }) => key === definition.key)
                .map(({ at, before, now }) => (
                  <span key={at} className="block text-xs font-normal text-ink-3">
                    <Time at={at} style="day" />{' '}
                    {t('kind.attributeChange', { before: before === null ? '—' : shown(definition, before), now: shown(definition, now) })}
                  </span>
                ))}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

export function Contents({ rows }: { readonly rows: ClassPage['contents'] }) {
  const t = useTranslations('kind');
  if (rows.length === 0) return null;
  return (
    <Panel title={t('contents')}>
      <ul className="space-y-1.5 text-[13px]">
        {rows.map((row) => (
          <li key={row.name} className="flex justify-between gap-4">
            <span lang="en">{row.name}</span>
            <span className="num text-ink-2">{row.chance} %</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

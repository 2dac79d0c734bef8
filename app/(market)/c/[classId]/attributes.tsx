'use client';
import { useTranslations } from 'use-intl';
import { attributeValueName } from '#app/_client/catalogue-words.ts';
import { formatCount } from '#app/_client/format.ts';
import { ItemName } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Panel, Time } from '#app/_components/ui.tsx';
import type { ClassPage, ItemPage } from '#server/trpc/views.ts';

type Row = ClassPage['attributes'][number];

type Changes = ItemPage['attributeChanges'];
const UNCHANGED: Changes = [];
const NO_PLACES: ItemPage['attributePlaces'] = {};

/** Of a kind, or of one item: `changes`: what the studio changed on it since it was issued; `places`: where it stands among all units. */
export function Attributes(props: {
  readonly rows: ClassPage['attributes'];
  readonly changes?: Changes;
  readonly places?: ItemPage['attributePlaces'];
}) {
  const { rows, changes = UNCHANGED, places = NO_PLACES } = props;
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
      <dl className="gap-x-12 space-y-1 text-[13px] sm:columns-2">
        {rows.map(({ definition, value }) => (
          <div key={definition.key} className="flex break-inside-avoid justify-between gap-4">
            <dt className="text-ink-3">
              <ItemName names={definition.labels} />
            </dt>
            <dd className="num text-end font-medium">
              <span lang={isForeign(value) ? 'en' : undefined}>{shown(definition, value)}</span>
              <Place place={places[definition.key]} />
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

/** A number has a rank, any other value a share; nothing is said of a unit that is alone or like all others. */
function Place({ place }: { readonly place: ItemPage['attributePlaces'][string] | undefined }) {
  const t = useTranslations('kind');
  if (place === undefined || place.of < 2 || place.same === place.of) return null;
  const facts = { of: formatCount(place.of), same: formatCount(place.same) };
  return (
    <span className="block text-xs font-normal text-ink-3">
      {place.above === null ? t('attributeShare', facts) : t('attributeRank', { ...facts, rank: formatCount(place.above + 1) })}
    </span>
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

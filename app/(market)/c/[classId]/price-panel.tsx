'use client';
/** Candles with their freshness and, for those who cannot see the picture, the same figures as a table (P-14, Q-12). */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { CandleInput, CandleRange } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import { RiseColours } from '#app/_components/rise-colours.tsx';
import { Chip, Panel, Segments, Time, Yuan } from '#app/_components/ui.tsx';
import type { CandlePage } from '#server/trpc/views.ts';
import { CandleChart } from './candle-chart.tsx';

const RANGES = ['24h', '7d', '30d', '90d', '1y', 'all'] as const satisfies readonly CandleRange[];
const INTERVAL = { '24h': '5m', '7d': '1h', '30d': '6h', '90d': '24h', '1y': '24h', all: '7d' } as const satisfies Record<
  CandleRange,
  CandlePage['interval']
>;

const MINUTE_MS = 60_000;
const SPAN_MS = {
  '5m': 5 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '6h': 360 * MINUTE_MS,
  '24h': 1_440 * MINUTE_MS,
  '7d': 10_080 * MINUTE_MS,
} as const satisfies Record<CandlePage['interval'], number>;
const SERIES = ['all', 'filtered'] as const;

export type Chart = { readonly range: CandleRange; readonly series: (typeof SERIES)[number] };

export function chartInput(classId: string, { range, series }: Chart): CandleInput {
  return { classId, interval: INTERVAL[range], range, filtered: series === 'filtered' };
}

export function PricePanel(props: { readonly page: CandlePage; readonly chart: Chart; readonly onChart: (chart: Chart) => void }) {
  const t = useTranslations('kind');
  const { page, chart, onChart } = props;
  const options = RANGES.map((value) => ({ value, label: t(`ranges.${value}`) }));
  return (
    <Panel
      title={t('chart')}
      aside={<Segments label={t('range')} value={chart.range} options={options} onChange={(range) => onChart({ ...chart, range })} />}
    >
      <div className="mb-2 flex">
        <Segments
          label={t('series')}
          value={chart.series}
          options={SERIES.map((value) => ({ value, label: t(`seriesValues.${value}`) }))}
          onChange={(series) => onChart({ ...chart, series })}
        />
      </div>
      <Prices page={page} />
    </Panel>
  );
}

function Prices({ page }: { readonly page: CandlePage }) {
  const t = useTranslations('kind');
  const { locale } = usePreferences();
  const [isTable, setTable] = useState(false);
  return (
    <>
      <p className="mb-2 flex min-h-6 flex-wrap items-center gap-2 text-xs text-ink-3">
        {page.filtered ? <Chip>{t('leftOut', { share: page.shareLeftOut })}</Chip> : null}
        <span>{t('asOf', { time: formatTime(locale, page.asOf, 'clock') })}</span>
        <span>
          {t('confidence')}: {t(`confidenceValues.${page.confidence}`)}
        </span>
      </p>
      <div className="h-[320px]">
        {page.candles.length === 0 ? (
          <p className="grid h-full place-items-center text-ink-2">{t('chartEmpty')}</p>
        ) : isTable ? (
          <CandleTable page={page} />
        ) : (
          <CandleChart candles={page.candles} spanMs={SPAN_MS[page.interval]} />
        )}
      </div>
      <div className="mt-2 flex flex-wrap items-center justify-between gap-x-4 text-[13px] text-ink-2">
        <label className="inline-flex min-h-11 items-center gap-2 sm:min-h-7">
          <input type="checkbox" className="size-4 accent-accent" checked={isTable} onChange={() => setTable(!isTable)} />
          {t('chartTable')}
        </label>
        <RiseColours />
      </div>
    </>
  );
}

function CandleTable({ page }: { readonly page: CandlePage }) {
  const t = useTranslations('kind');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard
    <section className="h-full overflow-auto" tabIndex={0} aria-label={t('chartTable')}>
      <table className="data-table">
        <thead>
          <tr>
            <th>{t('time')}</th>
            {(['open', 'high', 'low', 'close', 'median', 'volume'] as const).map((key) => (
              <th key={key} className="end">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page.candles.map((candle) => (
            <tr key={candle.start}>
              <td>
                <Time at={candle.start} />
              </td>
              {[candle.openFen, candle.highFen, candle.lowFen, candle.closeFen, candle.medianFen].map((fen, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: five fixed columns
                <td key={index} className="end">
                  <Yuan fen={fen} />
                </td>
              ))}
              <td className="num end">{candle.volume}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

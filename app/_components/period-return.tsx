'use client';
/** One payer's return of a month: what was taken, what is owed and by when, each step, computed again in the browser on request. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { PeriodReturnView } from '#server/trpc/views.ts';
import { ComputeReturnAgain } from './compute-again.tsx';
import { ItemName } from './item-art.tsx';
import { TraceSteps } from './tax-trace.tsx';
import { Button, Chip, Id, Panel, Yuan } from './ui.tsx';

type Props = { readonly month: string; readonly isOpen: boolean; readonly shown: PeriodReturnView; readonly children?: React.ReactNode };

export function PeriodReturn({ month, isOpen, shown, children }: Props) {
  const t = useTranslations('periodReturns');
  const [isTold, setTold] = useState(false);
  const title = shown.names === null ? t('platform') : <ItemName names={shown.names} />;
  return (
    <Panel
      title={title}
      aside={
        <span className="flex flex-wrap items-center gap-2 text-[13px]">
          <span className="num">{t('due', { date: shown.due })}</span>
          {shown.isDuePast ? <Chip tone="wait">{t('past')}</Chip> : null}
        </span>
      }
    >
      <div data-return={shown.payer ?? 'platform'} className="space-y-3">
        <p className="text-[13px] text-ink-3">
          {shown.names === null ? null : <>{t('studio')} · </>}
          {t(shown.taxpayer.vatStatus === 'GENERAL' ? 'status.GENERAL' : 'status.SMALL_SCALE')}
        </p>
        <dl className="max-w-xl space-y-1">
          <Line name={t('gross')} fen={shown.grossFen} />
          {shown.values.map(({ id, fen }) => (
            <Line key={id} name={t(`value.${id}`)} fen={fen} />
          ))}
          <div className="flex justify-between gap-4 border-t border-line pt-2 font-semibold">
            <dt>{t('total')}</dt>
            <dd data-total>
              <Yuan fen={shown.totalFen} />
            </dd>
          </div>
        </dl>
        {isOpen ? <p className="text-[13px] text-amber">{t('open')}</p> : null}
        <div className="flex flex-wrap items-center gap-2">
          <Button tone="quiet" className="-ms-4" aria-expanded={isTold} onClick={() => setTold(!isTold)}>
            {t('how')}
          </Button>
        </div>
        {isTold ? (
          <div className="space-y-4 rounded-md border border-line bg-sunk p-3 text-[13px]">
            <p className="flex flex-wrap items-center gap-1">
              {t('pack', { id: shown.packId, version: shown.packVersion })} <Id value={shown.packHash} />
            </p>
            <TraceSteps steps={shown.steps} />
            <ComputeReturnAgain shown={shown} month={month} />
          </div>
        ) : null}
        {children}
      </div>
    </Panel>
  );
}

function Line({ name, fen }: { readonly name: string; readonly fen: string }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="text-ink-2">{name}</dt>
      <dd>
        <Yuan fen={fen} />
      </dd>
    </div>
  );
}

'use client';
/** What a replay was asked, as its signed body says it, and in words why it cannot answer (V-23). */
import { useTranslations } from 'use-intl';
import { replayZh } from '#app/_client/messages/replay.ts';
import { useName } from '#app/_components/item-art.tsx';
import { Id, Panel, Stat } from '#app/_components/ui.tsx';
import type { ReplayAsked, ReplayView, YearTallyView } from '#server/trpc/views.ts';

export function Asked({ asked }: { readonly asked: ReplayAsked }) {
  const t = useTranslations('replay');
  const nameOf = useName();
  const list = (named: ReplayAsked['games']) => named?.map(({ id, names }) => (names === null ? id : nameOf(names))).join('; ') ?? t('all');
  const payers = asked.payerGroups?.map((group) => t('payer', { level: group.replace('PLAYER ', '') })).join('; ') ?? t('all');
  return (
    <Panel title={t('asked')}>
      <dl className="grid grid-cols-2 gap-x-5 gap-y-3 md:grid-cols-4">
        <Stat label={t('games')}>{list(asked.games)}</Stat>
        <Stat label={t('kinds')}>{list(asked.kinds)}</Stat>
        <Stat label={t('payers')}>{payers}</Stat>
        <Stat label={t('blocked')}>{t(`blockedText.${asked.blocked}`)}</Stat>
        <Stat label={t('experiments')}>{t(`experimentsText.${asked.experiments}`)}</Stat>
        <Stat label={t('detail')}>{t(`detailText.${asked.detail}`)}</Stat>
        <Stat label={t('groupBy')}>
          {asked.groupBy.length === 0 ? t('detailText.NONE') : asked.groupBy.map((grouping) => t(`grouping.${grouping}`)).join('; ')}
        </Stat>
      </dl>
    </Panel>
  );
}

type Code = keyof typeof replayZh.cannot;
const isKnown = (code: string): code is Code => Object.hasOwn(replayZh.cannot, code);

/** Every fact that a sentence may name; one that a refusal lacks is a dash. */
const NAMED = [
  ...['from', 'to', 'factsUntil', 'neededFrom', 'neededTo', 'what', 'packHash', 'experimentId', 'trades', 'tradeId'],
  ...['effectiveFrom', 'effectiveTo', 'path', 'value', 'follows', 'lines'],
] as const;

export function Cannot({ refusal, mismatches }: { readonly refusal: NonNullable<ReplayView['refusal']> } & Pick<ReplayView, 'mismatches'>) {
  const t = useTranslations('replay');
  const facts = Object.fromEntries(NAMED.map((name) => [name, refusal.facts[name] ?? '—']));
  return (
    <section role="alert" className="space-y-2 rounded-md border border-amber bg-amber-soft p-3 text-ink">
      <h2 className="font-semibold">{t('cannotTitle')}</h2>
      <p className="break-words">{t(`cannot.${isKnown(refusal.code) ? refusal.code : 'replay_failed'}`, facts)}</p>
      <p className="text-xs text-ink-2">
        <code>{refusal.code}</code>
      </p>
      {mismatches.length === 0 ? null : (
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('mismatch')}</th>
              <th>{t('mismatchLine')}</th>
              <th className="end">{t('stored')}</th>
              <th className="end">{t('computed')}</th>
            </tr>
          </thead>
          <tbody>
            {mismatches.map(({ tradeId, lineId, storedFen, computedFen }) => (
              <tr key={`${tradeId} ${lineId}`}>
                <td data-label={t('mismatch')}>
                  <Id value={tradeId} />
                </td>
                <td data-label={t('mismatchLine')}>{lineId}</td>
                <td data-label={t('stored')} className="num end">
                  {storedFen === 'none' ? t('detailText.NONE') : storedFen}
                </td>
                <td data-label={t('computed')} className="num end">
                  {computedFen}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function Years({ years }: { readonly years: Readonly<Record<'registration' | 'business', YearTallyView>> }) {
  const t = useTranslations('replay');
  return (
    <Panel title={t('years')}>
      <p className="mb-3 text-[13px] text-ink-2">{t('yearsText')}</p>
      {(['registration', 'business'] as const).map((standing) => (
        <div key={standing} className="mt-3">
          <h3 className="mb-1 text-[13px] font-medium text-ink-2">{t(`year.${standing}`)}</h3>
          <dl className="flex flex-wrap gap-x-6 gap-y-2">
            <Stat label={t('was')}>{years[standing].baseline}</Stat>
            <Stat label={t('would')}>{years[standing].draft}</Stat>
            <Stat label={t('added')}>{years[standing].added}</Stat>
            <Stat label={t('removed')}>{years[standing].removed}</Stat>
          </dl>
        </div>
      ))}
    </Panel>
  );
}

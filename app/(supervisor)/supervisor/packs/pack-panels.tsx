'use client';
/** One pack, parameter by parameter, with everything that stands behind it (V-18). */
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { saveFile } from '#app/_client/save-file.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import { Button, Chip, type ChipTone, Field, Id, Panel } from '#app/_components/ui.tsx';
import { useCitation } from '#app/_components/use-citation.ts';
import type { PackParameter, PackView } from '#server/trpc/views.ts';
import { useParameterName } from '../use-parameter-name.ts';
import { Figure } from './figure.tsx';

/** A pack has some two hundred figures; who looks for one types its name. */
const SHOWN_FIRST = 30;

const CONFIDENCE: Record<PackParameter['confidence'], ChipTone> = { VERIFIED: 'good', KNOWN: 'plain', UNSURE: 'wait', DESIGN: 'accent' };

export function PackPanels({ pack }: { readonly pack: PackView }) {
  const t = useTranslations('packs');
  const word = useParameterName();
  const cite = useCitation();
  const [text, setText] = useState('');
  const [isWhole, setWhole] = useState(false);
  const { locale } = usePreferences();
  const language = locale === 'en' ? 'en' : 'zh';
  const wanted = text.trim().toLowerCase();
  const clocks = pack.parameters.filter(({ isClock }) => isClock);
  const shown = pack.parameters.filter((each) =>
    `${each.name} ${each.words?.zh ?? ''} ${each.words?.en ?? ''} ${word(each.name) ?? ''} ${each.ruleId} ${each.citation} ${cite(each.citation)}`
      .toLowerCase()
      .includes(wanted),
  );
  const drawn = isWhole || wanted !== '' ? shown : shown.slice(0, SHOWN_FIRST);
  return (
    <div className="space-y-4">
      <Panel
        title={`${pack.packId} ${pack.version}`}
        aside={
          <span className="flex flex-wrap items-center gap-3 text-sm">
            <span className="num">
              {pack.effectiveFrom} – {pack.effectiveTo}
            </span>
            <Id value={pack.packHash} />
            <Button onClick={() => saveFile(`${pack.packId}-${pack.version}.json`, pack.document, 'application/json')}>
              <Download size={15} aria-hidden /> {t('save')}
            </Button>
          </span>
        }
        flush
      >
        <div className="max-w-md p-4">
          <Field label={t('search')} type="search" value={text} onChange={(event) => setText(event.target.value)} />
        </div>
        <Parameters rows={drawn} />
        {shown.length === 0 ? <p className="px-4 py-8 text-center text-ink-2">{t('nothingFits')}</p> : null}
        {drawn.length === shown.length ? null : (
          <div className="border-t border-line p-3 text-center">
            <Button onClick={() => setWhole(true)}>{t('showAll', { count: shown.length })}</Button>
          </div>
        )}
      </Panel>
      <Panel title={t('clocks')} flush>
        <p className="px-4 pt-3 text-[13px] text-ink-2">{t('clocksHelp')}</p>
        <Parameters rows={clocks} />
      </Panel>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title={t('lines')}>
          <Items
            rows={pack.lines.map(({ id, name, citation, txTypes }) => ({
              id,
              name: name[language],
              note: `${txTypes.map((type) => t(`txType.${type}`)).join(language === 'zh' ? '、' : ', ')} · ${cite(citation)}`,
            }))}
          />
        </Panel>
        <Panel title={t('figures')}>
          <Items rows={pack.figures.map(({ id, name, steps }) => ({ id, name: name[language], note: t('steps', { count: steps }) }))} />
        </Panel>
        <Panel title={t('reporting')}>
          <Items rows={pack.reporting.map(({ id, period, citation }) => ({ id, name: t(`every.${period}`), note: cite(citation) }))} />
        </Panel>
        <Panel title={t('caps')}>
          <Caps caps={pack.caps} />
        </Panel>
      </div>
    </div>
  );
}

function Parameters({ rows }: { readonly rows: readonly PackParameter[] }) {
  const confidence = useTranslations('confidence');
  const t = useTranslations('packs');
  const { locale } = usePreferences();
  const word = useParameterName();
  const cite = useCitation();
  const language = locale === 'en' ? 'en' : 'zh';
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('parameter')}</th>
          <th className="end">{t('value')}</th>
          <th>{t('valid')}</th>
          <th>{t('stricter')}</th>
          <th>{t('confidence')}</th>
          <th>{t('citation')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((each) => (
          <tr key={each.path} data-parameter={each.name}>
            <td data-label={t('parameter')} className="prose">
              <span className="block font-medium">{each.words?.[language] ?? word(each.name) ?? each.name}</span>
              <span className="font-mono text-xs text-ink-3">
                {each.name} · {each.ruleId}
              </span>
            </td>
            <td data-label={t('value')} className="end font-semibold">
              <Figure value={each.value} unit={each.unit} name={each.name} />
            </td>
            <td data-label={t('valid')} className="num text-[13px]">
              {each.from} – {each.to ?? t('noEnd')}
            </td>
            <td data-label={t('stricter')}>
              <span className="inline-flex flex-wrap gap-1">
                <Chip>{t(`direction.${each.stricterIs ?? 'none'}`)}</Chip>
                {each.statutory ? <Chip tone="wait">{t('statutory')}</Chip> : null}
                {each.grantable ? <Chip tone="accent">{t('grantable')}</Chip> : null}
                {each.isDefault ? <Chip>{t('isDefault')}</Chip> : null}
              </span>
            </td>
            <td data-label={t('confidence')}>
              <Chip tone={CONFIDENCE[each.confidence]}>{confidence(each.confidence)}</Chip>
            </td>
            <td data-label={t('citation')} className="prose text-[13px] text-ink-2">
              {cite(each.citation)} <span className="text-ink-3">{t('asOf', { date: each.asOf })}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Caps({ caps }: Pick<PackView, 'caps'>) {
  const t = useTranslations('packs');
  const confidence = useTranslations('confidence');
  const cite = useCitation();
  if (caps.length === 0) return <p className="text-ink-3">{t('none')}</p>;
  return (
    <ul className="space-y-3 text-[13px]">
      {caps.map(({ id, subject, window, measure, inclusive, parameter, citation }) => (
        <li key={id} className="space-y-1">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium">
              {t(`capSubject.${subject}`)} · {t(`capMeasure.${measure}`)} · {t(`window.${window}`)}
            </span>
            <span>{inclusive ? t('atMost') : t('below')}</span>
            <strong>
              <Figure value={parameter?.value ?? null} unit={parameter?.unit ?? null} />
            </strong>
          </p>
          <p className="flex flex-wrap items-center gap-x-2 text-ink-2">
            <code className="text-ink-3">{id}</code>
            {parameter === null ? null : (
              <>
                <span className="num">
                  {parameter.from} – {parameter.to ?? t('noEnd')}
                </span>
                <Chip>{t(`direction.${parameter.stricterIs ?? 'none'}`)}</Chip>
                <Chip tone={CONFIDENCE[parameter.confidence]}>{confidence(parameter.confidence)}</Chip>
              </>
            )}
            <span>{cite(citation)}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}

function Items({ rows }: { readonly rows: readonly { readonly id: string; readonly name: string; readonly note: string }[] }) {
  const t = useTranslations('packs');
  if (rows.length === 0) return <p className="text-ink-3">{t('none')}</p>;
  return (
    <ul className="space-y-1.5 text-[13px]">
      {rows.map(({ id, name, note }) => (
        <li key={id} className="flex flex-wrap gap-x-3">
          <code className="text-ink-3">{id}</code>
          <span className="font-medium">{name}</span>
          <span className="text-ink-2">{note}</span>
        </li>
      ))}
    </ul>
  );
}

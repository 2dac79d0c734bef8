'use client';
/** Changes of a pack by form: a place and its new value, as many as one likes. Also the form of a replay's draft. */
import { Plus, Trash2 } from 'lucide-react';
import { useId } from 'react';
import { useTranslations } from 'use-intl';
import { usePreferences } from '#app/_components/providers.tsx';
import { Button } from '#app/_components/ui.tsx';
import type { PackParameter } from '#server/trpc/views.ts';
import { useParameterName } from '../use-parameter-name.ts';
import { Figure, useChoiceName } from './figure.tsx';

export type Change = { readonly path: string; readonly value: string };
export type ChangeKind = 'rate' | 'threshold' | 'fee' | 'hold' | 'cap' | 'wait' | 'other';
const KINDS: readonly ChangeKind[] = ['rate', 'threshold', 'fee', 'hold', 'cap', 'wait', 'other'];

/** What a supervisor calls the parameter (V-23). */
export function changeKind({ name, unit }: Pick<PackParameter, 'name' | 'unit'>): ChangeKind {
  if (name.startsWith('platformFee')) return 'fee';
  if (/^(?:tradeHold|payoutHours)/.test(name)) return 'hold';
  if (/^resaleCooldown/.test(name)) return 'wait';
  if (unit === 'rate') return 'rate';
  if (/Threshold/.test(name)) return 'threshold';
  return /Max$|^minor|AboveDay|^aml/.test(name) ? 'cap' : 'other';
}

/** Yuan are typed as yuan; the pack holds fen. */
export function toPackValue(parameter: PackParameter | undefined, text: string): string {
  const trimmed = text.trim();
  const yuan = /^(\d{1,15})(?:\.(\d{1,2}))?$/.exec(trimmed);
  if (parameter?.unit !== 'fen' || yuan === null) return trimmed;
  return `${BigInt(yuan[1] ?? '0') * 100n + BigInt((yuan[2] ?? '').padEnd(2, '0'))}`;
}

const control = 'h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-[15px] sm:h-10';

export function ChangeRows(props: {
  readonly parameters: readonly PackParameter[];
  readonly changes: readonly Change[];
  readonly onChange: (changes: readonly Change[]) => void;
}) {
  const t = useTranslations();
  const { locale } = usePreferences();
  const id = useId();
  const { parameters, changes, onChange } = props;
  const word = useParameterName();
  const words = (each: PackParameter) => each.words?.[locale === 'en' ? 'en' : 'zh'] ?? word(each.name) ?? each.name;
  const choiceName = useChoiceName();
  const set = (index: number, change: Change) => onChange(changes.map((each, at) => (at === index ? change : each)));
  const unused = parameters.find(({ path }) => changes.every((change) => change.path !== path));
  return (
    <div className="space-y-3">
      {changes.map((change, index) => {
        const parameter = parameters.find(({ path }) => path === change.path);
        return (
          <div
            key={`${change.path}`}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_auto]"
          >
            <label className="col-span-2 block text-[13px] font-medium text-ink-2 sm:col-span-1" htmlFor={`${id}${index}p`}>
              {t('packs.parameter')}
              <select
                id={`${id}${index}p`}
                className={control}
                value={change.path}
                onChange={(event) => set(index, { path: event.target.value, value: '' })}
              >
                {KINDS.map((kind) => (
                  <optgroup key={kind} label={t(`replay.kind.${kind}`)}>
                    {parameters
                      .filter((each) => changeKind(each) === kind)
                      .map((each) => (
                        <option
                          key={each.path}
                          value={each.path}
                          disabled={changes.some(({ path }, at) => at !== index && path === each.path)}
                        >
                          {words(each)}
                        </option>
                      ))}
                  </optgroup>
                ))}
              </select>
            </label>
            <label className="block text-[13px] font-medium text-ink-2" htmlFor={`${id}${index}v`}>
              {t('packs.newValue')}{' '}
              {parameter === undefined ? null : (
                <span className="font-normal text-ink-3">
                  ({<Figure value={parameter.value} unit={parameter.unit} name={parameter.name} />})
                </span>
              )}
              {parameter !== undefined && parameter.allowed.length > 0 && parameter.unit === 'switch' ? (
                <select
                  id={`${id}${index}v`}
                  className={control}
                  value={change.value}
                  onChange={(event) => set(index, { ...change, value: event.target.value })}
                >
                  <option value="">—</option>
                  {parameter.allowed.map((value) => (
                    <option key={value} value={value}>
                      {choiceName(value)}
                    </option>
                  ))}
                </select>
              ) : (
                <input
                  id={`${id}${index}v`}
                  className={`num ${control}`}
                  inputMode={parameter?.unit === 'rate' ? 'text' : 'decimal'}
                  value={change.value}
                  onChange={(event) => set(index, { ...change, value: event.target.value })}
                />
              )}
            </label>
            <Button onClick={() => onChange(changes.filter((_, at) => at !== index))} aria-label={t('packs.removeChange')}>
              <Trash2 size={16} aria-hidden />
            </Button>
          </div>
        );
      })}
      <Button
        onClick={() => (unused === undefined ? undefined : onChange([...changes, { path: unused.path, value: '' }]))}
        disabled={unused === undefined}
      >
        <Plus size={16} aria-hidden /> {t('packs.addChange')}
      </Button>
    </div>
  );
}

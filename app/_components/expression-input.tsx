'use client';
/** The words of an attribute expression (P-10): names and values are offered while one types; a fault is marked at its place. */
import { useRef } from 'react';
import { useTranslations } from 'use-intl';
import { completeExpression } from '#app/_client/complete-expression.ts';
import type { Facet, Refusal } from '#server/trpc/views.ts';

/** Where a refused expression stops making sense; null: the refusal is about something else. */
export function faultPlace(refusal: Refusal | null): number | null {
  if (refusal?.code.startsWith('expression_') !== true) return null;
  const at = Number(refusal.facts?.at ?? Number.NaN);
  return Number.isInteger(at) ? at : null;
}

export function ExpressionInput(props: {
  readonly text: string;
  readonly facets: readonly Facet[];
  readonly faultAt: number | null;
  readonly onText: (text: string) => void;
  /** Beside the field. */
  readonly children?: React.ReactNode;
}) {
  const t = useTranslations('search');
  const { text, faultAt } = props;
  const field = useRef<HTMLInputElement>(null);
  const take = (result: string) => {
    props.onText(result);
    field.current?.focus();
  };
  return (
    <div className="space-y-2">
      <div className="flex gap-2">
        <input
          ref={field}
          value={text}
          onChange={(event) => props.onText(event.target.value)}
          maxLength={512}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          aria-label={t('expression')}
          aria-invalid={faultAt !== null}
          placeholder={'rarity in ("Rare", "Legendary")'}
          className="h-11 min-w-0 flex-1 rounded-md border border-line-strong/60 bg-card px-2 font-mono text-sm sm:h-9"
        />
        {props.children}
      </div>
      {faultAt === null ? null : (
        <p className="overflow-x-auto whitespace-pre font-mono text-sm">
          {text.slice(0, faultAt)}
          <mark className="bg-red-soft text-red underline decoration-wavy">{text.slice(faultAt) === '' ? '…' : text.slice(faultAt)}</mark>
        </p>
      )}
      <ul className="flex flex-wrap gap-1.5" aria-label={t('expressionNext')}>
        {completeExpression(text, props.facets).map((completion) => (
          <li key={completion.text}>
            <button
              type="button"
              onClick={() => take(completion.result)}
              className="inline-flex min-h-11 items-center rounded border border-line bg-card px-2 font-mono text-[13px] hover:border-accent hover:text-accent sm:min-h-7"
            >
              {completion.text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

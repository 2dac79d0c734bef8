'use client';
/** What a typed id names, before anybody signs: the kind in words, who holds the item, and whether it is frozen already. */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { useName } from '#app/_components/item-art.tsx';
import { useRefusalSentence } from '#app/_components/refusal-note.tsx';
import { Time } from '#app/_components/ui.tsx';
import type { FreezeScope } from '#server/trpc/views.ts';
import { LinkedText } from '../../linked-text.tsx';

const WHOLE: Record<FreezeScope, RegExp> = {
  item: /^itm_[0-9a-f]{32}$/,
  class: /^cls_[0-9a-f]{32}$/,
  account: /^[0-9a-f]{64}$/,
  payout: /^[0-9a-f]{64}$/,
};
const EXAMPLE: Record<FreezeScope, string> = { item: 'itm_…', class: 'cls_…', account: '64 × 0–9 a–f', payout: '64 × 0–9 a–f' };

/** What an id of this scope looks like. */
export const exampleOf = (scope: FreezeScope): string => EXAMPLE[scope];

export function TargetNote({ scope, targetId }: { readonly scope: FreezeScope; readonly targetId: string }) {
  const t = useTranslations('cases');
  const name = useName();
  const sentence = useRefusalSentence();
  const isWhole = WHOLE[scope].test(targetId);
  const target = useQuery({
    queryKey: ['caseTarget', scope, targetId],
    queryFn: () => staffApi.case.target(scope, targetId),
    enabled: isWhole,
    retry: false,
  });
  if (targetId === '') return null;
  return (
    <p role="status" className="-mt-2 flex min-h-5 flex-wrap gap-x-3 text-[13px]">
      {!isWhole ? <span className="text-ink-3">{t('targetShape', { example: exampleOf(scope) })}</span> : null}
      {target.isError ? <span className="text-red">{sentence(readRefusal(target.error))}</span> : null}
      {target.data === undefined ? null : (
        <>
          <strong>{target.data.names === null ? t(`scope.${scope}`) : name(target.data.names)}</strong>
          {target.data.holder === null || target.data.holder === targetId ? null : (
            <span className="text-ink-2">
              {t('holder')} <LinkedText text={target.data.holder} />
            </span>
          )}
          {target.data.frozenUntil === null ? null : (
            <span className="text-amber">
              {t('frozenAlready')} <Time at={target.data.frozenUntil} />
            </span>
          )}
        </>
      )}
    </p>
  );
}

'use client';
/** Which kinds of notices are counted; what is of law or of safety cannot be switched off (P-40). */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import type { NoticeFamily } from '#server/trpc/views.ts';

const MUTABLE = ['trade', 'money', 'experiment', 'watch'] as const;
const ALWAYS = ['claim', 'case', 'tax'] as const;

export function InboxSettings({ muted }: { readonly muted: readonly NoticeFamily[] }) {
  const t = useTranslations('inbox');
  const queryClient = useQueryClient();
  const mute = useMutation({
    mutationFn: ({ family, isMuted }: { readonly family: (typeof MUTABLE)[number]; readonly isMuted: boolean }) =>
      api.inbox.mute(family, isMuted),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['inbox'] }),
  });
  return (
    <details className="rounded-lg border border-line bg-card">
      <summary className="flex min-h-11 cursor-pointer items-center px-4 text-[13px] font-medium">{t('settings')}</summary>
      <div className="space-y-3 border-t border-line px-4 py-3 text-[13px]">
        <p className="max-w-3xl text-ink-2">{t('settingsText')}</p>
        <ul className="flex flex-wrap gap-x-6 gap-y-1">
          {MUTABLE.map((family) => (
            <li key={family}>
              <label className="inline-flex min-h-11 cursor-pointer items-center gap-2 sm:min-h-8">
                <input
                  type="checkbox"
                  checked={!muted.includes(family)}
                  disabled={mute.isPending}
                  onChange={(event) => mute.mutate({ family, isMuted: !event.target.checked })}
                  className="size-4 accent-accent"
                />
                {t(`family.${family}`)}
              </label>
            </li>
          ))}
          {ALWAYS.map((family) => (
            <li key={family} className="inline-flex min-h-11 items-center gap-2 text-ink-3 sm:min-h-8">
              {t(`family.${family}`)} · {t('alwaysOn')}
            </li>
          ))}
        </ul>
        {mute.isError ? <RefusalNote refusal={readRefusal(mute.error)} /> : null}
      </div>
    </details>
  );
}

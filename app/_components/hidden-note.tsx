'use client';
/** Why words and picture of a kind are neutral, and what stays as it was (CN-BC-02). */
import { EyeOff } from 'lucide-react';
import { useTranslations } from 'use-intl';

export function HiddenNote() {
  const t = useTranslations('hiddenContent');
  return (
    <section role="note" data-testid="hidden-content" className="flex gap-3 rounded-lg border border-line-strong bg-sunk p-3 text-[13px]">
      <EyeOff size={18} className="mt-0.5 flex-none text-ink-2" aria-hidden />
      <p>
        <strong>{t('title')}</strong> <span className="text-ink-2">{t('text')}</span>
      </p>
    </section>
  );
}

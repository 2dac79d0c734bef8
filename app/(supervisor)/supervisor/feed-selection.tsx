'use client';
/** Chosen rows as a file that the official signs (V-03): whole messages with their hashes, the newest signed heads of their rooms. */
import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button } from '#app/_components/ui.tsx';
import type { FeedMessage } from '#server/realtime/events.ts';

/** On the line of the counts, so that no row moves under who selects. */
const small = 'px-2 text-xs sm:min-h-7!';

export function FeedSelection({ rows, onClear }: { readonly rows: readonly FeedMessage[]; readonly onClear: () => void }) {
  const t = useTranslations('supervisor');
  const staff = useStaff();
  const save = useMutation({
    mutationFn: async () => {
      if (!staff) return;
      const { signSelection } = await import('#app/_client/sign-selection.ts');
      const file = await signSelection(staff, rows);
      saveFile(file.name, file.text, 'application/json');
    },
  });
  if (rows.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-2 rounded bg-accent-soft ps-2">
      <span className="font-medium">{t('selected', { count: formatCount(rows.length) })}</span>
      <Button className={small} disabled={save.isPending} onClick={() => save.mutate()}>
        <Download size={14} aria-hidden /> {t('saveSelected')}
      </Button>
      <Button tone="quiet" className={small} onClick={onClear}>
        {t('clearSelected')}
      </Button>
      {save.isError ? <RefusalNote refusal={readRefusal(save.error)} /> : null}
    </div>
  );
}

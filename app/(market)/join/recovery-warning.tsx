'use client';
/** What is lost without the recovery file, said before it is saved and agreed to (P-05). */
import { Dialog } from '@base-ui/react/dialog';
import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '#app/_components/ui.tsx';

const LOSSES = ['device', 'passphrase', 'wait', 'nobody'] as const;

export function RecoveryWarning(props: { readonly open: boolean; readonly onClose: () => void; readonly onAgreed: () => void }) {
  const t = useTranslations('join.warning');
  return (
    <Dialog.Root open={props.open} onOpenChange={(open) => (open ? undefined : props.onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Popup className="fixed inset-x-3 top-1/2 z-50 mx-auto max-h-[94dvh] max-w-lg -translate-y-1/2 space-y-4 overflow-y-auto rounded-xl border border-line bg-card p-5 text-ink shadow-2xl outline-none">
          <Dialog.Title className="flex items-center gap-2 text-lg font-bold">
            <TriangleAlert size={20} className="flex-none text-amber" aria-hidden /> {t('title')}
          </Dialog.Title>
          <ul className="list-disc space-y-2 ps-5">
            {LOSSES.map((loss) => (
              <li key={loss}>{t(loss)}</li>
            ))}
          </ul>
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={props.onClose}>{t('later')}</Button>
            <Button tone="primary" onClick={props.onAgreed}>
              {t('agree')}
            </Button>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

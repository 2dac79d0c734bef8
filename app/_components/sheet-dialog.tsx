'use client';
/** A sheet over the page: from the side on a desktop, from below on a phone. Esc closes, focus returns (Base UI). */
import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';

export type SheetProps = {
  readonly open: boolean;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly wide?: boolean;
};

export function SheetDialog(props: SheetProps) {
  const t = useTranslations('panel');
  return (
    <Dialog.Root open={props.open} onOpenChange={(open) => (open ? undefined : props.onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Popup
          className={`fixed inset-x-0 bottom-0 z-50 flex max-h-[94dvh] flex-col rounded-t-xl border border-line bg-card text-ink shadow-2xl outline-none [animation:sheet-in_.16s_ease-out] sm:inset-x-auto sm:inset-y-0 sm:end-0 sm:max-h-none sm:rounded-none ${
            props.wide === true ? 'sm:w-[680px]' : 'sm:w-[460px]'
          }`}
        >
          <header className="flex items-center justify-between border-b border-line px-4 py-2.5">
            <Dialog.Title className="text-base font-semibold">{props.title}</Dialog.Title>
            <Dialog.Close
              aria-label={t('close')}
              className="inline-grid size-11 place-items-center rounded-md text-ink-2 hover:bg-sunk sm:size-9"
            >
              <X size={18} aria-hidden />
            </Dialog.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-4">{props.children}</div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

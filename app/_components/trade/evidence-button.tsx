'use client';
/** Opens the evidence sheet, which is loaded when somebody asks for it. */
import { FileCheck2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Sheet } from '../sheet.tsx';
import { Button, Skeleton } from '../ui.tsx';
import type { Subject } from './evidence-sheet.tsx';

const EvidenceForm = lazy(async () => ({ default: (await import('./evidence-sheet.tsx')).EvidenceForm }));

export function EvidenceButton({ subject, disabled }: { readonly subject: Subject; readonly disabled: boolean }) {
  const t = useTranslations('evidence');
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button disabled={disabled} onClick={() => setOpen(true)}>
        <FileCheck2 size={15} aria-hidden /> {t('button')}
      </Button>
      <Sheet open={isOpen} title={t('title')} onClose={() => setOpen(false)}>
        <Suspense fallback={<Skeleton className="h-40" />}>
          <EvidenceForm subject={subject} />
        </Suspense>
      </Sheet>
    </>
  );
}

'use client';
/** A sheet over the page. The dialogue behind it is loaded when one opens for the first time. */
import { lazy, Suspense, useState } from 'react';
import type { SheetProps } from './sheet-dialog.tsx';

const SheetDialog = lazy(async () => ({ default: (await import('./sheet-dialog.tsx')).SheetDialog }));

export function Sheet(props: SheetProps) {
  const [isUsed, setUsed] = useState(props.open);
  if (props.open && !isUsed) setUsed(true);
  if (!isUsed) return null;
  return (
    <Suspense fallback={null}>
      <SheetDialog {...props} />
    </Suspense>
  );
}

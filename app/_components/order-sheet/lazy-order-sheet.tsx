'use client';
/** The order sheet, loaded when somebody first wants to trade: browsing does not pay for it. */
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { OrderDraft } from './draft.ts';

const Loaded = dynamic(() => import('./order-sheet.tsx').then(({ OrderSheet }) => OrderSheet), { ssr: false });

export function OrderSheet(props: { readonly draft: OrderDraft | null; readonly onClose: () => void }) {
  const [wasWanted, setWanted] = useState(false);
  if (props.draft !== null && !wasWanted) setWanted(true);
  return wasWanted ? <Loaded {...props} /> : null;
}

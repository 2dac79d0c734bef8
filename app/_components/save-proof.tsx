/** Saves what proves a piece of the ledger without us: a receipt, a block, a state (product O-03). */
import { useTranslations } from 'use-intl';

export type Proof = 'proof' | 'history' | 'holdings' | 'archive' | 'receipt' | 'block';

export function SaveProof({ what, href }: { readonly what: Proof; readonly href: string }) {
  const t = useTranslations('explorer.saveProof');
  return (
    <a href={href} download className="inline-flex min-h-11 items-center text-accent hover:underline sm:min-h-8">
      {t(what)}
    </a>
  );
}

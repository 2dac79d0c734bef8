'use client';
/** On the trade page: the way to a dispute while the trade is protected, and to the dispute that there is. */
import { useQuery } from '@tanstack/react-query';
import { Scale } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import type { TradeView } from '#server/trpc/views.ts';
import { useMe } from '../session.tsx';
import { Sheet } from '../sheet.tsx';
import { Button, LinkButton, Skeleton } from '../ui.tsx';

const ClaimForm = dynamic(async () => (await import('./claim-form.tsx')).ClaimForm, { loading: () => <Skeleton className="h-96" /> });

export function TradeClaim({ trade }: { readonly trade: TradeView }) {
  const t = useTranslations('claims');
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  const as = trade.side === 'none' ? 'staff' : 'party';
  const found = useQuery({ queryKey: ['claimOfTrade', trade.tradeId, trade.state], queryFn: () => api.claim.ofTrade(trade.tradeId, as) });
  const claimId = found.data?.claimId ?? null;
  const mayClaim = trade.side !== 'none' && trade.state === 'protected' && found.data !== undefined && claimId === null;
  if (claimId === null && !mayClaim) return null;
  return (
    <div className="flex flex-wrap items-center gap-3 text-[13px]">
      {trade.state === 'disputed' ? <span className="text-amber">{t('running')}</span> : null}
      {claimId === null ? null : (
        <LinkButton href={`/disputes/${claimId}`}>
          <Scale size={15} aria-hidden /> {t('see')}
        </LinkButton>
      )}
      {mayClaim && me ? (
        <>
          <Button onClick={() => setOpen(true)}>
            <Scale size={15} aria-hidden /> {t('open')}
          </Button>
          <Sheet open={isOpen} title={t('open')} onClose={() => setOpen(false)}>
            <ClaimForm trade={trade} me={me} />
          </Sheet>
        </>
      ) : null}
    </div>
  );
}

'use client';
/** One dispute (P-32), for the parties, the operator's desk and the supervisors: what was said, the clocks, and what one may do next. */
import { useQuery } from '@tanstack/react-query';
import { ChevronLeft } from 'lucide-react';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { useMe, useStaff } from '#app/_components/session.tsx';
import { PageTitle, Skeleton, TextLink } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import type { ClaimView } from '#server/trpc/views.ts';
import { ClaimFile } from './claim-file.tsx';

export type Seen = { readonly claim: ClaimView; readonly as: 'party' | 'staff' };

/** Both a player and an official may be signed in in one browser: a party sees its own side first. */
async function look(claimId: string, isPlayer: boolean, isStaff: boolean): Promise<Seen> {
  if (isPlayer) {
    try {
      return { claim: await api.claim.get(claimId, 'party'), as: 'party' };
    } catch (error) {
      if (!isStaff || readRefusal(error).code !== 'claim_unknown') throw error;
    }
  }
  return { claim: await api.claim.get(claimId, 'staff'), as: 'staff' };
}

export default function DisputePage() {
  const { claimId } = useParams<{ claimId: string }>();
  const t = useTranslations('claims');
  const me = useMe();
  const staff = useStaff();
  useRoom('/player', me ? `player:${me.acct}` : null, [['claim', claimId]]);
  const query = useQuery({
    queryKey: ['claim', claimId, me?.acct, staff?.staffId],
    queryFn: () => look(claimId, Boolean(me), Boolean(staff)),
    enabled: me !== undefined && staff !== undefined,
    refetchInterval: 5_000,
  });
  const viewer = query.data?.claim.viewer;
  const back = viewer === 'desk' ? '/desk' : viewer === 'supervisor' ? '/supervisor/cases?topic=dispute' : '/disputes';
  return (
    <div className="space-y-4">
      <PageTitle text={query.data === undefined ? t('one') : `${t('one')} ${query.data.claim.number}`} />
      <TextLink href={back} className="inline-flex min-h-11 items-center gap-1 text-sm sm:min-h-0">
        <ChevronLeft size={15} aria-hidden /> {t('back')}
      </TextLink>
      <Loaded query={query} skeleton={<Skeleton className="h-[70vh]" />}>
        {(seen) => <ClaimFile seen={seen} />}
      </Loaded>
    </div>
  );
}

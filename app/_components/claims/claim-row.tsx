'use client';
import { useTranslations } from 'use-intl';
import type { ClaimLine, ClaimState } from '#server/trpc/views.ts';
import { useName } from '../item-art.tsx';
/** One dispute in a list: what, whose turn, until when. */
import { Link } from '../link.tsx';
import { Chip, type ChipTone, Time, Yuan } from '../ui.tsx';

export const CLAIM_TONE: Readonly<Record<ClaimState, ChipTone>> = {
  open: 'wait',
  deciding: 'wait',
  decided: 'accent',
  appealed: 'wait',
  upheld: 'accent',
  closed: 'plain',
};

export function ClaimRow({
  claim,
  isChosen = false,
  note,
}: {
  readonly claim: ClaimLine;
  readonly isChosen?: boolean;
  readonly note?: string;
}) {
  const t = useTranslations('claims');
  const name = useName();
  return (
    <Link
      href={`/disputes/${claim.claimId}`}
      data-claim={claim.claimId}
      aria-current={isChosen ? 'true' : undefined}
      className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-sunk aria-[current=true]:bg-accent-soft"
    >
      <span className="font-mono text-[13px] text-ink-3">{claim.number}</span>
      <span className="min-w-0 flex-1 basis-52 truncate font-medium">
        {name(claim.names)} · {t(`kind.${claim.kind}`)}
      </span>
      {note === undefined ? null : <span className="text-[13px] text-ink-2">{note}</span>}
      <Yuan fen={claim.grossFen} />
      <Chip tone={CLAIM_TONE[claim.state]}>{claim.outcome === null ? t(`state.${claim.state}`) : t(`outcome.${claim.outcome}`)}</Chip>
      {claim.dueAt === null ? null : (
        <span className="text-[13px] text-ink-2">
          <Time at={claim.dueAt} style="full" /> {claim.isOverdue ? <strong className="text-red">{t('overdue')}</strong> : null}
        </span>
      )}
    </Link>
  );
}

'use client';
/** Complete, catching up, or broken: in a word, a sign and a colour, with the proof to save (V-04). */
import { CircleCheck, CircleX, LoaderCircle } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { FeedState } from '#app/_client/feed.ts';
import { formatCount, formatTime } from '#app/_client/format.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import { Button } from '#app/_components/ui.tsx';
import { useRoomName } from '#app/_components/use-code-name.ts';

export function Completeness({ room, state }: { readonly room: string; readonly state: FeedState }) {
  const t = useTranslations('supervisor');
  const { locale } = usePreferences();
  const roomName = useRoomName();
  const name = (
    <span className="text-ink-2" title={room}>
      {roomName(room)}
    </span>
  );
  if (state.kind === 'broken') {
    const { fault } = state;
    return (
      <p className="flex flex-wrap items-center gap-2 text-red" role="alert" data-feed="broken" data-room={room}>
        <CircleX size={16} aria-hidden /> {name} {t('gap', { seq: formatCount(fault.seq) })} <code>{fault.code}</code>
        <Button
          onClick={() => saveFile(`feed-${room.replace(':', '-')}-${fault.seq}.json`, JSON.stringify(fault, null, 2), 'application/json')}
        >
          {t('proof')}
        </Button>
      </p>
    );
  }
  if (state.kind === 'complete') {
    return (
      <p className="flex flex-wrap items-center gap-2 text-green" data-feed="complete" data-room={room}>
        <CircleCheck size={16} aria-hidden /> {name}
        {state.seq === 0
          ? t('waiting')
          : t('complete', {
              seq: formatCount(state.seq),
              time: state.signedAt === null ? '…' : formatTime(locale, state.signedAt, 'clock'),
            })}
        {state.seq > 0 && state.fromSeq > 1 ? (
          <span className="text-xs text-ink-3" data-checked-from={state.fromSeq}>
            {t('checkedFrom', { seq: formatCount(state.fromSeq) })}
          </span>
        ) : null}
      </p>
    );
  }
  return (
    <p className="flex flex-wrap items-center gap-2 text-amber" data-feed={state.kind} data-room={room}>
      <LoaderCircle size={16} className="animate-spin" aria-hidden /> {name}{' '}
      {state.kind === 'connecting' ? t('connecting') : `${t('catching')} ${formatCount(state.seq)} / ${formatCount(state.headSeq)}`}
    </p>
  );
}

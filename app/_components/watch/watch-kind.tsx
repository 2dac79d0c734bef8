'use client';
/** Watching one kind, from its page: on, off, and the price to be told of (P-09). */
import { Eye, EyeOff } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatFen, parseYuan } from '#app/_client/format.ts';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Button, Field, LinkButton } from '#app/_components/ui.tsx';
import type { WatchedKind } from '#server/trpc/views.ts';
import { useWatchActs, useWatched } from './use-watched.ts';

export function WatchKind({ classId }: { readonly classId: string }) {
  const t = useTranslations('watch');
  const me = useMe();
  const watched = useWatched();
  const acts = useWatchActs(classId);
  if (me === null) {
    return (
      <LinkButton className="w-full" href="/sign-in">
        <Eye size={15} aria-hidden /> {t('watch')}
      </LinkButton>
    );
  }
  const kind = watched.data?.find(({ card }) => card.classId === classId);
  return (
    <div className="space-y-2">
      <Button
        className="w-full"
        aria-pressed={kind !== undefined}
        disabled={watched.data === undefined || acts.isSending}
        onClick={() => (kind === undefined ? acts.put(null) : acts.remove())}
      >
        {kind === undefined ? <Eye size={15} aria-hidden /> : <EyeOff size={15} aria-hidden />}{' '}
        {kind === undefined ? t('watch') : t('unwatch')}
      </Button>
      {kind === undefined ? null : <PriceForm key={kind.belowFen} kind={kind} put={acts.put} isSending={acts.isSending} />}
      {acts.refusal === null ? null : <RefusalNote refusal={acts.refusal} />}
    </div>
  );
}

function PriceForm(props: { readonly kind: WatchedKind; readonly put: (belowFen: string | null) => void; readonly isSending: boolean }) {
  const t = useTranslations('watch');
  const { belowFen } = props.kind;
  const [text, setText] = useState(belowFen === null ? '' : formatFen(belowFen));
  const [isWrong, setWrong] = useState(false);
  const save = (event: FormEvent) => {
    event.preventDefault();
    const fen = text.trim() === '' ? null : parseYuan(text);
    const wrong = text.trim() !== '' && (fen === null || fen <= 0n);
    setWrong(wrong);
    if (!wrong) props.put(fen === null ? null : String(fen));
  };
  return (
    <form onSubmit={save} className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <Field
          label={t('priceLabel')}
          inputMode="decimal"
          autoComplete="off"
          align="end"
          suffix="元"
          value={text}
          error={isWrong ? t('priceWrong') : null}
          help={t('priceHelp')}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Button type="submit" className="mt-6" disabled={props.isSending}>
        {t('set')}
      </Button>
    </form>
  );
}

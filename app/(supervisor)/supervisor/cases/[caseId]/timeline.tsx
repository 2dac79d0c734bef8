'use client';
/** What happened in a case, newest first, in the reader's words and time (V-14). */
import { useTranslations } from 'use-intl';
import { formatTime } from '#app/_client/format.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import { Id, Panel, Time } from '#app/_components/ui.tsx';
import type { CaseView } from '#server/trpc/views.ts';
import { LinkedText } from '../../linked-text.tsx';
import { type TimelineLine, timelineLine } from './timeline-words.ts';

/** What no official did, and the clock neither. */
const ACTED_BY: Partial<Record<CaseView['events'][number]['act'], 'holder' | 'asked'>> = { appeal: 'holder', replied: 'asked' };

export function Timeline({ file }: { readonly file: CaseView }) {
  const t = useTranslations('cases');
  return (
    <Panel title={t('timeline')}>
      <ol className="space-y-3 text-[13px]">
        {file.events.toReversed().map((event) => (
          <li key={`${event.act}${event.at}${event.by}`} data-act={event.act} className="border-s-2 border-line ps-3">
            <p className="flex flex-wrap items-center gap-x-3">
              <strong>{t(`act.${event.act}`)}</strong> <Time at={event.at} style="full" />
              <span className="text-ink-3">{event.by === 'clock' ? t(ACTED_BY[event.act] ?? 'clock') : event.by}</span>
            </p>
            <Facts act={event.act} body={event.body} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** Words, dates and ids on one line; what somebody wrote below it. */
function Facts({ act, body }: Pick<CaseView['events'][number], 'act' | 'body'>) {
  const lines = Object.entries(body).flatMap(([key, value]) => {
    const line = timelineLine(act, key, value);
    return line === null ? [] : [{ key, line }];
  });
  const [said, facts] = [lines.filter(({ line }) => line.kind === 'text'), lines.filter(({ line }) => line.kind !== 'text')];
  return (
    <>
      {facts.length === 0 ? null : (
        <p className="flex flex-wrap items-center gap-x-3 text-ink-2">
          {facts.map(({ key, line }) => (
            <span key={key}>
              <Line line={line} />
            </span>
          ))}
        </p>
      )}
      {said.map(({ key, line }) => (
        <p key={key} className="break-words text-ink-2">
          <Line line={line} />
        </p>
      ))}
    </>
  );
}

function Line({ line }: { readonly line: TimelineLine }) {
  const t = useTranslations('cases');
  const { locale } = usePreferences();
  switch (line.kind) {
    case 'words':
      return line.words.map((word) => t(word)).join(' · ');
    case 'until':
      return t('until', { at: formatTime(locale, line.at, 'full') });
    case 'id':
      return <Id value={line.id} />;
    case 'text':
      return <LinkedText text={line.text} />;
  }
}

'use client';
/** What happened in a case, newest first, in the reader's words and time (V-14). */
import { useTranslations } from 'use-intl';
import { formatTime } from '#app/_client/format.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import { Id, Panel, Time } from '#app/_components/ui.tsx';
import type { CaseView } from '#server/trpc/views.ts';
import { type TimelineLine, timelineLine } from './timeline-words.ts';

export function Timeline({ file }: { readonly file: CaseView }) {
  const t = useTranslations('cases');
  return (
    <Panel title={t('timeline')}>
      <ol className="space-y-3 text-[13px]">
        {file.events.toReversed().map((event) => (
          <li key={`${event.act}${event.at}${event.by}`} data-act={event.act} className="border-s-2 border-line ps-3">
            <p className="flex flex-wrap items-center gap-x-3">
              <strong>{t(`act.${event.act}`)}</strong> <Time at={event.at} style="full" />
              <span className="text-ink-3">{event.by === 'clock' ? t('clock') : event.by}</span>
            </p>
            {Object.entries(event.body).map(([key, value]) => {
              const line = timelineLine(event.act, key, value);
              return line === null ? null : (
                <p key={key} className="break-words text-ink-2">
                  <Line line={line} />
                </p>
              );
            })}
          </li>
        ))}
      </ol>
    </Panel>
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
      return line.text;
  }
}

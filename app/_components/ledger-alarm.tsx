'use client';
/** Says on every page that the ledger contradicts the one this browser has seen (`ledger.md` 14). Quiet as long as it does not. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ShieldAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type LogAlarm, storedAlarm } from '#app/_client/head-store.ts';
import { logHead } from '#app/_client/log-head.ts';
import { saveFile } from '#app/_client/save-file.ts';

const LOOK_MS = 60_000;
/** Verifying takes 30 KB of script, which no page has to wait for; an alarm of before stands here at once. */
const FIRST_MS = 30_000;
const QUERY = ['keptHead'];

export function LedgerAlarm() {
  const queryClient = useQueryClient();
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), FIRST_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => logHead.subscribe(() => void queryClient.invalidateQueries({ queryKey: QUERY })), [queryClient]);
  const query = useQuery({
    queryKey: [...QUERY, isDue],
    queryFn: async () => (isDue ? (await import('#app/_client/kept-head.ts')).lookAtLog() : storedAlarm()),
    placeholderData: (before) => before,
    refetchInterval: LOOK_MS,
    staleTime: LOOK_MS,
    retry: false,
  });
  return query.data === undefined || query.data === null ? null : <Alarm alarm={query.data} />;
}

function Alarm({ alarm }: { readonly alarm: LogAlarm }) {
  const t = useTranslations('ledgerAlarm');
  const queryClient = useQueryClient();
  const keep = async () => {
    await (await import('#app/_client/kept-head.ts')).keepOtherChain(alarm);
    await queryClient.invalidateQueries({ queryKey: QUERY });
  };
  const { code, kept, served } = alarm;
  const [isSaved, setSaved] = useState(false);
  const save = () => {
    saveFile(`daoju-ledger-${code}.json`, JSON.stringify({ code, kept, served }, null, 2), 'application/json');
    setSaved(true);
  };
  const button = 'inline-flex min-h-11 items-center rounded-md bg-card px-3.5 text-sm font-semibold text-red sm:min-h-9';
  return (
    <div role="alert" className="sticky top-[7.35rem] z-20 bg-red text-card sm:top-14" data-testid="ledger-alarm" data-code={code}>
      <div className="mx-auto flex max-w-[1480px] flex-wrap items-center gap-x-4 gap-y-2 px-3 py-3 sm:px-5">
        <ShieldAlert size={22} className="flex-none" aria-hidden />
        <div className="min-w-0 flex-1 basis-72">
          <p className="font-bold">{t(`title.${code}`)}</p>
          <p className="text-sm">{t(`text.${code}`)}</p>
        </div>
        <button type="button" onClick={save} className={button}>
          {t('save')}
        </button>
        {/* What the members have settled among themselves must not stand here for ever; not before the evidence is safe. */}
        {code === 'other_chain' || (code === 'forked' && isSaved) ? (
          <button type="button" onClick={() => void keep()} className={button}>
            {t('keepOther')}
          </button>
        ) : null}
      </div>
    </div>
  );
}

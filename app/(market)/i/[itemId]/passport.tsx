'use client';
/** The ownership passport: each hop, a verify mark that runs in this browser, and the file to keep (P-13, P-43). */
import { CircleCheck, CircleX, Download, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { saveFile } from '#app/_client/save-file.ts';
import type { FileVerdict } from '#app/_client/verify-file.ts';
import { useHomeHead } from '#app/_components/home-head.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Panel, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { ItemPage, Refusal } from '#server/trpc/views.ts';

export function Passport({ page }: { readonly page: ItemPage }) {
  const t = useTranslations('item');
  const { locale } = usePreferences();
  const chain = useHomeHead()?.chain;
  const [verdict, setVerdict] = useState<FileVerdict | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = (after: (verdict: FileVerdict) => void) => {
    if (chain === undefined) return;
    setBusy(true);
    setRefusal(null);
    Promise.all([api.passport.get(page.itemId), import('#app/_client/verify-file.ts')])
      .then(([answer, { verifyFile }]) => {
        const result = verifyFile(answer.file, chain);
        setVerdict(result);
        after(result);
      })
      .catch((error: unknown) => setRefusal(readRefusal(error)))
      .finally(() => setBusy(false));
  };
  return (
    <Panel
      id="passport"
      title={t('passport')}
      aside={
        <span className="flex flex-wrap gap-2">
          <Button onClick={() => run(() => {})} disabled={isBusy || !page.certified || chain === undefined}>
            <ShieldCheck size={15} aria-hidden /> {isBusy ? t('verifying') : t('verify')}
          </Button>
          <Button
            disabled={isBusy || !page.certified || chain === undefined}
            title={page.certified ? undefined : t('saveWait')}
            onClick={() => run(({ bytes }) => saveFile(`${page.itemId}.plproof`, bytes, 'application/octet-stream'))}
          >
            <Download size={15} aria-hidden /> {t('save')}
          </Button>
        </span>
      }
    >
      <p className="mb-3 text-[13px] text-ink-2">{t('passportText')}</p>
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      <p role="status">
        {verdict === null ? null : (
          <span className={`mb-3 flex gap-2 rounded-md p-3 ${verdict.isProven ? 'bg-green-soft' : 'bg-red-soft'}`}>
            {verdict.isProven ? (
              <CircleCheck size={18} className="mt-0.5 flex-none text-green" aria-hidden />
            ) : (
              <CircleX size={18} className="mt-0.5 flex-none text-red" aria-hidden />
            )}
            <span>
              <strong className="block">{verdict.isProven ? t('verified') : t('notVerified', { code: verdict.code })}</strong>
              {locale === 'en' ? verdict.sentence.en : verdict.sentence.zh}
            </span>
          </span>
        )}
      </p>
      <ol className="space-y-0">
        {page.hops.map((hop, index) => (
          <li key={hop.entry} className="relative flex gap-3 pb-4 last:pb-0">
            <span className="mt-1.5 flex flex-col items-center" aria-hidden>
              <span className="size-2.5 rotate-45 bg-accent" />
              {index < page.hops.length - 1 ? <span className="w-px flex-1 bg-line-strong/50" /> : null}
            </span>
            <div className="min-w-0 flex-1">
              <p className="font-medium">
                {t(`hop.${hop.act}`)}
                <span className="ms-2 text-[13px] font-normal text-ink-2">
                  {hop.fromName === null ? '' : `${hop.fromName} → `}
                  {hop.toName}
                </span>
              </p>
              <p className="flex flex-wrap items-center gap-x-3 text-[13px] text-ink-3">
                <Time at={hop.at} style="full" />
                <TextLink href={`/explorer/entries/${hop.entry}`}>{t('entry', { index: hop.entry })}</TextLink>
                {hop.priceFen === null ? null : (
                  <span>
                    {t('price')} <Yuan fen={hop.priceFen} />
                  </span>
                )}
                {hop.tradeId === null ? null : <TextLink href={`/trades/${hop.tradeId}`}>{hop.tradeId.slice(0, 10)}…</TextLink>}
              </p>
            </div>
          </li>
        ))}
      </ol>
      <p className="mt-3 text-xs text-ink-3">{t('priceHidden')}</p>
    </Panel>
  );
}

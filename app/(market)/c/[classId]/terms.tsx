'use client';
/** The rules of a kind in words, and what of them is announced (P-12, T-06). */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatBps, formatCount } from '#app/_client/format.ts';
import { codesZh, knownCode } from '#app/_client/messages/codes.ts';
import { AnnouncedTerms, useTermText } from '#app/_components/announced-terms.tsx';
import { ItemName } from '#app/_components/item-art.tsx';
import { Panel } from '#app/_components/ui.tsx';
import type { ClassPage } from '#server/trpc/views.ts';

const ART = 'sm3:';

/** T-04: a picture that several keep outlives each of them. */
function ArtHeld({ sm3 }: { readonly sm3: string }) {
  const t = useTranslations('kind');
  const query = useQuery({ queryKey: ['artHolders', sm3], queryFn: () => api.itemClass.artHolders(sm3), staleTime: 600_000 });
  return query.data ? <li>{t('artHeld', { ...query.data })}</li> : null;
}

export function Terms({ page }: { readonly page: ClassPage }) {
  const t = useTranslations('kind');
  const word = useTranslations('code.origin');
  const termText = useTermText();
  const { terms } = page;
  const origin = knownCode(codesZh.origin, terms.origin);
  const originName = origin === null ? terms.origin : word(origin);
  const lines = [
    t('supply', { issued: formatCount(terms.issued), cap: terms.supplyCap === null ? 'none' : String(terms.supplyCap) }),
    ...(terms.burned > 0 ? [t('burned', { count: formatCount(terms.burned) })] : []),
    t('fee', { fee: formatBps(terms.feeBps), royalty: formatBps(terms.royaltyBps) }),
    t('publicityTerm', { hours: terms.publicityHours }),
    t('protection', { hours: terms.protectionHours }),
    t('resale', { days: terms.resaleWaitTradingDays }),
    t('smallestOffer', { share: formatBps(terms.smallestOfferBps) }),
    t('gift', { yes: String(terms.isGiftable) }),
    ...(terms.isResalable ? [] : [t('noResale')]),
    ...(terms.mintSchedule.length === 0 ? [] : [t('mintStep', { steps: termText('mint_schedule', terms.mintSchedule) })]),
    t('origin', { origin: originName }),
  ];
  return (
    <Panel title={t('terms')}>
      <ul className="list-disc space-y-1 ps-4 text-[13px] text-ink-2 marker:text-ink-3">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
        {page.card.icon.startsWith(ART) ? <ArtHeld sm3={page.card.icon.slice(ART.length)} /> : null}
      </ul>
      {page.announced === null ? null : (
        <section className="mt-3 space-y-1 border-t border-line pt-3">
          <h3 className="text-[13px] font-semibold">{t('announced.heading')}</h3>
          <AnnouncedTerms announced={page.announced} />
        </section>
      )}
      <p className="mt-2 text-xs text-ink-3">
        {t('studio')}: <ItemName names={page.studioNames} />
      </p>
    </Panel>
  );
}

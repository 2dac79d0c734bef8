'use client';
/** One entry: decoded by schema, its effects on the registers, its bytes. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { SaveProof } from '#app/_components/save-proof.tsx';
import { Chip, CopyButton, Id, PageTitle, Panel, Skeleton, TextLink, Time } from '#app/_components/ui.tsx';
import type { EntryPage } from '#server/trpc/views.ts';

export default function EntryPageView() {
  const { index } = useParams<{ index: string }>();
  const t = useTranslations('explorer');
  const entry = useQuery({ queryKey: ['entry', index], queryFn: () => api.explorer.entry(Number(index)) });
  return (
    <>
      <PageTitle text={t('entry', { index })} />
      <Loaded query={entry} skeleton={<Skeleton className="h-[70vh]" />}>
        {(data) => <Entry entry={data} />}
      </Loaded>
    </>
  );
}

function Entry({ entry }: { readonly entry: EntryPage }) {
  const t = useTranslations('explorer');
  return (
    <div className="space-y-4">
      <h1 className="text-xl font-bold">{t('entry', { index: formatCount(entry.index) })}</h1>
      <Panel>
        <p className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Chip tone="accent">{entry.op}</Chip>
          <span>{entry.summary}</span>
          <TextLink href={`/explorer/blocks/${entry.height}`}>{t('block', { height: formatCount(entry.height) })}</TextLink>
          <Time at={entry.sealedAt} style="full" />
          <span className="num text-ink-2">{t('bytes', { count: formatCount(entry.size) })}</span>
          <Id value={entry.txId} head={16} tail={8} />
          <SaveProof what="receipt" href={`/ledger/v1/receipt/${entry.txId}`} />
        </p>
        <ul className="mt-3 space-y-1 text-sm">
          {entry.signers.map((signer) => (
            <li key={`${signer.acct}-${signer.keyIdx}`} className="flex flex-wrap items-center gap-2">
              <Id value={signer.acct} head={12} tail={6} />
              <TextLink href={`/explorer/state/accounts/${signer.acct}`}>{t('of.accounts')}</TextLink>
              <span className="text-ink-3">{t('batch', { size: signer.batchSize })}</span>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title={t('effects')} flush>
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('register')}</th>
              <th className="end">{t('position')}</th>
              <th>{t('leaf')}</th>
              <th>{t('before')}</th>
            </tr>
          </thead>
          <tbody>
            {entry.effects.map((effect) => (
              <tr key={`${effect.register}-${effect.index}`}>
                <td data-label={t('register')}>{effect.register}</td>
                <td data-label={t('position')} className="num end">
                  {effect.register === 'items' || effect.register === 'classes' ? (
                    <TextLink href={`/explorer/state/${effect.register}/${effect.index}`}>{effect.index}</TextLink>
                  ) : (
                    effect.index
                  )}
                </td>
                <td data-label={t('leaf')}>
                  <Id value={effect.leaf} />
                </td>
                <td data-label={t('before')}>
                  {effect.prev === null ? '—' : <TextLink href={`/explorer/entries/${effect.prev}`}>#{effect.prev}</TextLink>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      <Panel title={t('decoded')}>
        <pre className="font-mono text-xs leading-5 break-all whitespace-pre-wrap">{JSON.stringify(entry.decoded, null, 2)}</pre>
      </Panel>
      <Panel title={t('raw')} aside={<CopyButton text={entry.bytes} />}>
        <code className="block font-mono text-xs leading-5 break-all">{entry.bytes}</code>
      </Panel>
    </div>
  );
}

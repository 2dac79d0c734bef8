'use client';
/** One block: header, signers, entries. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { SaveProof } from '#app/_components/save-proof.tsx';
import { Chip, ChipList, Id, PageTitle, Panel, Skeleton, TextLink, Time } from '#app/_components/ui.tsx';
import type { BlockPage } from '#server/trpc/views.ts';

export default function BlockPageView() {
  const { height } = useParams<{ height: string }>();
  const t = useTranslations('explorer');
  const block = useQuery({ queryKey: ['block', height], queryFn: () => api.explorer.block(Number(height)) });
  return (
    <>
      <PageTitle text={t('block', { height })} />
      <Loaded query={block} skeleton={<Skeleton className="h-[70vh]" />}>
        {(data) => <Block block={data} />}
      </Loaded>
    </>
  );
}

function Block({ block }: { readonly block: BlockPage }) {
  const t = useTranslations('explorer');
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('time'), <Time key="time" at={block.sealedAt} style="full" />],
    [
      t('signers'),
      block.certified ? (
        <ChipList key="signers" tone="good" texts={block.signers} />
      ) : (
        <Chip key="waiting" tone="wait">
          {t('notCertified')}
        </Chip>
      ),
    ],
    [t('hash'), <Id key="hash" value={block.headerHash} head={16} tail={8} />],
    [t('prev'), <Id key="prev" value={block.prevHash} head={16} tail={8} />],
    [t('logRoot'), <Id key="log" value={block.logRoot} head={16} tail={8} />],
    [t('stateRoot'), <Id key="state" value={block.stateRoot} head={16} tail={8} />],
    [t('config'), <Id key="config" value={block.configHash} head={16} tail={8} />],
  ];
  return (
    <div className="space-y-4">
      <h1 className="flex flex-wrap items-baseline gap-3 text-xl font-bold">
        {t('block', { height: formatCount(block.height) })}
        <TextLink href="/explorer" className="text-sm font-normal">
          {t('title')}
        </TextLink>
      </h1>
      <Panel>
        <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[max-content_1fr]">
          {facts.map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-sm text-ink-3">{label}</dt>
              <dd className="min-w-0 break-words max-sm:[&>span]:justify-start">{value}</dd>
            </div>
          ))}
        </dl>
        {block.certified ? <SaveProof what="block" href={`/ledger/v1/block/${block.height}`} /> : null}
      </Panel>
      <Panel title={t('entries')} flush>
        {block.entries.length === 0 ? (
          <Empty title={t('emptyBlock')} />
        ) : (
          <table className="data-table as-cards">
            <thead>
              <tr>
                <th>#</th>
                <th>{t('op')}</th>
                <th>{t('summary')}</th>
                <th className="end">{t('size')}</th>
                <th>txId</th>
              </tr>
            </thead>
            <tbody>
              {block.entries.map((entry) => (
                <tr key={entry.index}>
                  <td data-label="#">
                    <TextLink href={`/explorer/entries/${entry.index}`} className="num inline-flex min-h-8 items-center font-semibold">
                      {entry.index}
                    </TextLink>
                  </td>
                  <td data-label={t('op')}>
                    <Chip>{entry.op}</Chip>
                  </td>
                  <td data-label={t('summary')}>
                    <span className="break-words">{entry.summary}</span>
                  </td>
                  <td data-label={t('size')} className="num end">
                    {t('bytes', { count: formatCount(entry.size) })}
                  </td>
                  <td data-label="txId">
                    <Id value={entry.txId} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
    </div>
  );
}

'use client';
/** An item, an account or a kind as it stands on the ledger (O-03), with the files that prove it. */
import { useQuery } from '@tanstack/react-query';
import { notFound, useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { SaveProof } from '#app/_components/save-proof.tsx';
import { Id, PageTitle, Panel, Skeleton, TextLink } from '#app/_components/ui.tsx';
import type { StatePage } from '#server/trpc/views.ts';

const REGISTERS = ['items', 'accounts', 'classes'] as const satisfies readonly StatePage['register'][];

export default function StatePageView() {
  const params = useParams<{ register: string; id: string }>();
  const register = REGISTERS.find((each) => each === params.register);
  if (register === undefined) notFound();
  return <State register={register} id={params.id} />;
}

function State({ register, id }: Pick<StatePage, 'register' | 'id'>) {
  const t = useTranslations('explorer');
  const query = useQuery({ queryKey: ['state', register, id], queryFn: () => api.explorer.state(register, id) });
  return (
    <div className="space-y-4">
      <PageTitle text={`${t(`of.${register}`)} ${id.slice(0, 12)}`} />
      <h1 className="flex flex-wrap items-baseline gap-3 text-xl font-bold">
        {t(`of.${register}`)} {id.length > 20 ? <Id value={id} head={16} tail={8} /> : id}
        <TextLink href="/explorer" className="text-sm font-normal">
          {t('title')}
        </TextLink>
      </h1>
      <Loaded query={query} skeleton={<Skeleton className="h-[40vh]" />}>
        {(page) => <Leaf page={page} />}
      </Loaded>
    </div>
  );
}

function Leaf({ page }: { readonly page: StatePage }) {
  const t = useTranslations('explorer');
  return (
    <Panel title={t('state')} aside={<span className="text-xs text-ink-3">{t('asOf', { height: formatCount(page.height) })}</span>}>
      <p className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <span className="text-ink-3">{t('last')}</span>
        {page.lastEntry === null ? (
          <span>{t('genesis')}</span>
        ) : (
          <TextLink href={`/explorer/entries/${page.lastEntry}`} className="inline-flex min-h-11 items-center sm:min-h-8">
            #{page.lastEntry}
          </TextLink>
        )}
        {page.proofs.map(({ what, href }) => (
          <SaveProof key={what} what={what} href={href} />
        ))}
      </p>
      <pre className="font-mono text-xs leading-5 break-all whitespace-pre-wrap">{JSON.stringify(page.leaf, null, 2)}</pre>
    </Panel>
  );
}

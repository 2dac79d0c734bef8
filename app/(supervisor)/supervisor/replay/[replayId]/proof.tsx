'use client';
/** What stands behind a result: its digests, the operator's signature, and the members that ran it again (rulebook 6.8). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, Download, RotateCw } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { RefusalWithFacts } from '#app/_components/refusal-facts.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, Chip, Id, Panel, Stat, Time } from '#app/_components/ui.tsx';
import type { ReplayConfirmationView, ReplayView } from '#server/trpc/views.ts';

type Result = NonNullable<ReplayView['result']>;

export function Proof({ replayId, result }: { readonly replayId: string; readonly result: Result }) {
  const t = useTranslations('replay');
  const staff = useStaff();
  const file = useQuery({
    queryKey: ['replays', replayId, 'file'],
    queryFn: () => staffApi.replay.file(replayId),
    enabled: false,
    retry: false,
  });
  const save = () => {
    void file.refetch().then(({ data }) => {
      if (data !== undefined) saveFile(`${replayId}.json`, JSON.stringify(data, null, 2), 'application/json');
    });
  };
  return (
    <Panel title={t('proof')}>
      <dl className="grid gap-2 text-[13px] sm:grid-cols-2">
        <Stat label={t('bodyHash')}>
          <Id value={result.bodyHash} />
        </Stat>
        <Stat label={t('factsHash')}>
          <Id value={result.factsHash} />
        </Stat>
        <Stat label={t('rowsRoot')} note={t('rows', { count: result.rows.count })}>
          <Id value={result.rows.root} />
        </Stat>
        <Stat label={t('signature')}>
          <Id value={result.signature} />
        </Stat>
      </dl>
      <Confirmations replayId={replayId} list={result.confirmations} />
      {file.error === null ? null : <RefusalNote refusal={readRefusal(file.error)} />}
      {staff?.role === 'sup_tax' ? (
        <Button className="mt-3" onClick={save} disabled={file.isFetching}>
          <Download size={15} aria-hidden /> {t('save')}
        </Button>
      ) : null}
    </Panel>
  );
}

const MAY_CONFIRM: readonly string[] = ['sup_tax', 'sup_market', 'sup_finance'];

function Confirmations({ replayId, list }: { readonly replayId: string; readonly list: readonly ReplayConfirmationView[] }) {
  const t = useTranslations('replay');
  const staff = useStaff();
  const queries = useQueryClient();
  const confirm = useMutation({
    mutationFn: () => staffApi.replay.confirm(replayId),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['replays', replayId] }),
  });
  return (
    <section className="mt-4 border-t border-line pt-3" data-testid="confirmations">
      <h3 className="mb-1 text-[13px] font-medium text-ink-2">{t('confirmed')}</h3>
      {list.length === 0 ? <p className="text-[13px] text-ink-2">{t('notConfirmed')}</p> : null}
      <ul className="space-y-2 text-[13px]">
        {list.map((each) => (
          <li key={each.member}>
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              {each.isSound ? <Check size={15} className="flex-none text-green" aria-hidden /> : <Chip tone="bad">{t('unsound')}</Chip>}
              <span>{t('confirmedBy', { org: each.org })}</span>
              <Time at={each.at} />
              <Id value={each.signature} />
            </p>
            <p className="text-ink-2">{t('compared', { trades: each.trades, opened: each.opened })}</p>
          </li>
        ))}
      </ul>
      {confirm.error === null ? null : <RefusalWithFacts refusal={readRefusal(confirm.error)} />}
      {list.length === 0 && staff !== null && staff !== undefined && MAY_CONFIRM.includes(staff.role) ? (
        <Button className="mt-2" onClick={() => confirm.mutate()} disabled={confirm.isPending}>
          <RotateCw size={15} aria-hidden /> {confirm.isPending ? t('confirming') : t('confirm')}
        </Button>
      ) : null}
    </section>
  );
}

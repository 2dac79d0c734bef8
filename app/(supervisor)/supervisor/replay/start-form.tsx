'use client';
/** Asks for a replay: a closed period, and other rules by form or an existing draft (V-23). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { useNow } from '#app/_components/providers.tsx';
import { RefusalWithFacts } from '#app/_components/refusal-facts.tsx';
import { Button, Field, Panel, Segments, Skeleton } from '#app/_components/ui.tsx';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import type { PackSummary, PackView } from '#server/trpc/views.ts';
import { type Change, ChangeRows, toPackValue } from '../packs/change-rows.tsx';
import { methodInput, ScopeForm, WHOLE_MARKET } from './scope-form.tsx';

const DAY_MS = 86_400_000;
const PREVIEW_DAYS = 30;

export function StartForm() {
  const packs = useQuery({ queryKey: ['packs', 'list'], queryFn: () => staffApi.packs.list() });
  const active = packs.data?.find(({ state }) => state === 'active');
  const base = useQuery({
    queryKey: ['packs', 'one', active?.packHash],
    queryFn: () => staffApi.packs.get(active?.packHash ?? ''),
    enabled: active !== undefined,
  });
  const now = useNow(60_000);
  if (packs.data === undefined || base.data === undefined || now === null) return <Skeleton className="h-[760px] sm:h-[520px]" />;
  return <Form packs={packs.data} base={base.data} now={now} />;
}

function Form({ packs, base, now }: { readonly packs: readonly PackSummary[]; readonly base: PackView; readonly now: number }) {
  const t = useTranslations('replay');
  const router = useRouter();
  const queryClient = useQueryClient();
  const asked = useSearchParams().get('draft');
  const today = beijingDate(instant(now));
  const [from, setFrom] = useState(beijingDate(instant(now - PREVIEW_DAYS * DAY_MS)));
  const [to, setTo] = useState(today);
  const [way, setWay] = useState<'changes' | 'pack'>(asked === null ? 'changes' : 'pack');
  const [packHash, setPackHash] = useState(asked ?? '');
  const [changes, setChanges] = useState<readonly Change[]>([{ path: 'const.vatThresholdDay', value: '' }]);
  const [method, setMethod] = useState(WHOLE_MARKET);
  const typed = changes.filter(({ value }) => value.trim() !== '');
  const start = useMutation({
    mutationFn: () =>
      staffApi.replay.start({
        from,
        to,
        ...methodInput(method),
        draft:
          way === 'pack'
            ? { packHash }
            : {
                baseHash: base.packHash,
                version: `${base.version.split('-')[0] ?? ''}-draft`,
                changes: Object.fromEntries(
                  typed.map(({ path, value }) => [
                    path,
                    toPackValue(
                      base.parameters.find((each) => each.path === path),
                      value,
                    ),
                  ]),
                ),
              },
      }),
    onSuccess: async ({ replayId }) => {
      await queryClient.invalidateQueries({ queryKey: ['replays'] });
      router.push(`/supervisor/replay/${replayId}`);
    },
  });
  return (
    <Panel title={t('start')}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate();
        }}
      >
        <div className="grid items-end gap-3 sm:grid-cols-[1fr_1fr_auto]">
          <Field label={t('from')} type="date" value={from} max={today} onChange={(event) => setFrom(event.target.value)} />
          <Field label={t('to')} type="date" value={to} max={today} onChange={(event) => setTo(event.target.value)} />
          <Button
            onClick={() => {
              setFrom(beijingDate(instant(now - PREVIEW_DAYS * DAY_MS)));
              setTo(today);
            }}
          >
            {t('last30')}
          </Button>
        </div>
        <p className="text-[13px] text-ink-2">{t('baseline')}</p>
        <Segments
          label={t('draft')}
          value={way}
          options={[
            { value: 'changes', label: t('byChanges') },
            { value: 'pack', label: t('byPack') },
          ]}
          onChange={setWay}
        />
        {way === 'changes' ? (
          <ChangeRows parameters={base.parameters.filter(({ isClock }) => !isClock)} changes={changes} onChange={setChanges} />
        ) : (
          <label className="block text-[13px] font-medium text-ink-2">
            {t('choose')}
            <select
              className="mt-1 h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-[15px] sm:h-10"
              value={packHash}
              onChange={(event) => setPackHash(event.target.value)}
            >
              <option value="">—</option>
              {packs
                .filter(({ packId }) => packId === base.packId)
                .map((pack) => (
                  <option key={pack.packHash} value={pack.packHash}>
                    {pack.packId} {pack.version}
                  </option>
                ))}
            </select>
          </label>
        )}
        <ScopeForm method={method} onChange={setMethod} />
        {start.error === null ? null : <RefusalWithFacts refusal={readRefusal(start.error)} />}
        <Button type="submit" tone="primary" disabled={start.isPending || (way === 'pack' ? packHash === '' : typed.length === 0)}>
          {t('run')}
        </Button>
      </form>
    </Panel>
  );
}

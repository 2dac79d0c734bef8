'use client';
/** *Compute again* (V-07): the rule pack itself runs here in the browser on the recorded inputs; the server is not asked. */
import { CircleCheck, CircleX, Cpu } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { parsePeriod } from '#sandbox/reports/period.ts';
import type { AssessmentView, PeriodReturnView } from '#server/trpc/views.ts';
import { Button } from './ui.tsx';

type Answer =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly line: string; readonly recorded: string; readonly computed: string };

type Sandbox = typeof import('#sandbox/index.ts');

async function underPack(hash: string, compute: (sandbox: Sandbox, pack: RulePack) => Answer): Promise<Answer> {
  const sandbox = await import('#sandbox/index.ts');
  try {
    const pack = sandbox.findPackByHash(hash) ?? (await fetchPack(sandbox, hash));
    if (pack === null) return { kind: 'different', line: 'packHash', recorded: hash, computed: '—' };
    return compute(sandbox, pack);
  } catch (error) {
    return { kind: 'different', line: 'inputs', recorded: '', computed: error instanceof Error ? error.message : String(error) };
  }
}

const assessAgain = ({ packHash, inputs, lines }: AssessmentView): Promise<Answer> =>
  underPack(packHash, (sandbox, pack) => sandbox.computeAgain({ inputs, lines }, pack));

const returnAgain = (shown: PeriodReturnView, month: string): Promise<Answer> =>
  underPack(shown.packHash, (sandbox, pack) => {
    const supplies = shown.supplies.map(({ unitFen, count }) => ({ unitFen: BigInt(unitFen), count: BigInt(count) }));
    const { values } = sandbox.returnOf(pack, shown.taxpayer, parsePeriod(month), supplies);
    const different = shown.values.find(({ id, fen }) => String(values[id]) !== fen);
    if (different === undefined) return { kind: 'same' };
    return { kind: 'different', line: different.id, recorded: different.fen, computed: String(values[different.id]) };
  });

/** A pack that came after this page was built: its document is asked for, and counts only if it has the hash. */
async function fetchPack(sandbox: Sandbox, hash: string) {
  const { document } = await api.rules.document(hash);
  const pack = sandbox.readStoredPack(JSON.parse(document));
  return sandbox.rememberPack(pack) === hash ? pack : null;
}

export function ComputeAgain({ assessment }: { readonly assessment: AssessmentView }) {
  return <AgainButton compute={() => assessAgain(assessment)} />;
}

export function ComputeReturnAgain({ shown, month }: { readonly shown: PeriodReturnView; readonly month: string }) {
  return <AgainButton compute={() => returnAgain(shown, month)} />;
}

function AgainButton({ compute }: { readonly compute: () => Promise<Answer> }) {
  const t = useTranslations('trace');
  const [state, setState] = useState<Answer | 'idle' | 'computing'>('idle');
  const run = () => {
    setState('computing');
    void compute().then(setState);
  };
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button onClick={run} disabled={state === 'computing'}>
        <Cpu size={15} aria-hidden /> {state === 'computing' ? t('computing') : t('again')}
      </Button>
      <span role="status" className="inline-flex items-center gap-1.5 font-medium">
        {state === 'idle' || state === 'computing' ? null : state.kind === 'same' ? (
          <>
            <CircleCheck size={16} className="text-green" aria-hidden /> <span className="text-green">{t('same')}</span>
          </>
        ) : (
          <>
            <CircleX size={16} className="text-red" aria-hidden />
            <span className="text-red">{t('differs', { line: state.line, expected: state.computed, shown: state.recorded })}</span>
          </>
        )}
      </span>
    </div>
  );
}

'use client';
/** *Compute again* (V-07): the rule pack itself runs here in the browser on the recorded inputs; the server is not asked. */
import { CircleCheck, CircleX, Cpu } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import type { AssessmentView } from '#server/trpc/views.ts';
import { Button } from './ui.tsx';

type Answer =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly line: string; readonly recorded: string; readonly computed: string };

async function computeAgain(assessment: AssessmentView): Promise<Answer> {
  const sandbox = await import('#sandbox/index.ts');
  try {
    const pack = sandbox.findPackByHash(assessment.packHash) ?? (await fetchPack(sandbox, assessment.packHash));
    if (pack === null) return { kind: 'different', line: 'packHash', recorded: assessment.packHash, computed: '—' };
    return sandbox.computeAgain({ inputs: assessment.inputs, lines: assessment.lines }, pack);
  } catch (error) {
    return { kind: 'different', line: 'inputs', recorded: '', computed: error instanceof Error ? error.message : String(error) };
  }
}

/** A pack that came after this page was built: its document is asked for, and counts only if it has the hash. */
async function fetchPack(sandbox: typeof import('#sandbox/index.ts'), hash: string) {
  const { document } = await api.rules.document(hash);
  const pack = sandbox.readStoredPack(JSON.parse(document));
  return sandbox.rememberPack(pack) === hash ? pack : null;
}

export function ComputeAgain({ assessment }: { readonly assessment: AssessmentView }) {
  const t = useTranslations('trace');
  const [state, setState] = useState<Answer | 'idle' | 'computing'>('idle');
  const run = () => {
    setState('computing');
    void computeAgain(assessment).then(setState);
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

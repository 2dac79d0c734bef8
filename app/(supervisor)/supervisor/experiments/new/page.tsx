'use client';
/** A new experiment from a template (V-20): filled from the pack in force, gone over, kept with its declaration. Nothing runs by it: the draft
 *  takes the same steps as every other. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { ItemName, useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field, PageTitle, Panel, Skeleton } from '#app/_components/ui.tsx';
import type { ExperimentTemplateView } from '#server/trpc/views.ts';
import { KindPick, type PickedKind } from '../../kind-pick.tsx';
import { DeclarationForm } from './declaration-form.tsx';

export default function NewExperimentPage() {
  const t = useTranslations('experimentNew');
  const templates = useQuery({ queryKey: ['experimentDesk', 'templates'], queryFn: () => staffApi.experimentDesk.templates() });
  return (
    <div className="max-w-4xl space-y-5">
      <PageTitle text={t('title')} />
      <p className="text-ink-2">{t('lead')}</p>
      <Loaded query={templates} skeleton={<Skeleton className="h-96" />}>
        {(rows) => <NewExperiment templates={rows} />}
      </Loaded>
    </div>
  );
}

function NewExperiment({ templates }: { readonly templates: readonly ExperimentTemplateView[] }) {
  const t = useTranslations('experimentNew');
  const name = useName();
  const router = useRouter();
  const id = useId();
  const [templateId, setTemplate] = useState(templates[0]?.id ?? '');
  const [experimentId, setExperimentId] = useState('SBX-2026-0002');
  const [declarationNo, setDeclarationNo] = useState('');
  const [kinds, setKinds] = useState<readonly PickedKind[]>([]);
  const [document, setDocument] = useState<string | null>(null);
  const chosen = templates.find((each) => each.id === templateId);
  const fill = useMutation({
    mutationFn: async () => {
      const classIds = kinds.map(({ classId }) => classId);
      const gameIds = [...new Set(kinds.map(({ gameId }) => gameId))];
      const filled = await staffApi.experimentDesk.template({ templateId, experimentId, declarationNo, gameIds, classIds });
      return JSON.stringify(JSON.parse(filled.document), null, 2);
    },
    onSuccess: setDocument,
  });
  const keep = useMutation({
    mutationFn: (declaration: object) =>
      staffApi.experimentDesk.draft({
        document: document ?? '',
        declaration: JSON.stringify({ ...declaration, applicationNo: declarationNo }),
      }),
    onSuccess: () => router.push(`/supervisor/experiments/${experimentId}`),
  });
  return (
    <>
      <Panel title={t('template')}>
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            fill.mutate();
          }}
        >
          <div>
            <label htmlFor={`${id}t`} className="mb-1 block text-[13px] font-medium text-ink-2">
              {t('template')}
            </label>
            <select
              id={`${id}t`}
              value={templateId}
              onChange={(event) => setTemplate(event.target.value)}
              className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 sm:h-10"
            >
              {templates.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.id} {name(each.title)}
                </option>
              ))}
            </select>
            {chosen === undefined ? null : (
              <p className="mt-1 text-[13px] text-ink-2">
                <ItemName names={chosen.varies} /> {chosen.isShadow ? <strong>{t('shadow')}</strong> : null}
              </p>
            )}
          </div>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t('number')} value={experimentId} onChange={(event) => setExperimentId(event.target.value.trim())} />
            <Field
              label={t('declarationNo')}
              value={declarationNo}
              placeholder="9144DEMO-2026-0002"
              onChange={(event) => setDeclarationNo(event.target.value.trim())}
            />
          </div>
          <KindPick kinds={kinds} onChange={setKinds} />
          {fill.isError ? <RefusalNote refusal={readRefusal(fill.error)} /> : null}
          <Button type="submit" tone={document === null ? 'primary' : 'plain'} disabled={fill.isPending || kinds.length === 0}>
            {t('fill')}
          </Button>
        </form>
      </Panel>
      {document === null ? null : (
        <>
          <Panel title={t('document')}>
            <p className="mb-2 text-[13px] text-ink-2">{t('documentText')}</p>
            <textarea
              aria-label={t('document')}
              rows={18}
              value={document}
              spellCheck={false}
              onChange={(event) => setDocument(event.target.value)}
              className="w-full rounded-md border border-line-strong/70 bg-sunk p-2 font-mono text-xs"
            />
          </Panel>
          <DeclarationForm isBusy={keep.isPending} onKeep={(declaration) => keep.mutate(declaration)}>
            {keep.isError ? <RefusalNote refusal={readRefusal(keep.error)} /> : null}
          </DeclarationForm>
        </>
      )}
    </>
  );
}

'use client';
/** The reference of the studio API, read from the document that its parsers make (T-10), with how a write is signed (T-11) and what becomes
 *  of it (T-15). */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Call, type CallGroup, readReference } from '#app/_client/api-reference.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { Chip, Field, PageTitle, Panel, Skeleton, TextLink } from '#app/_components/ui.tsx';
import { WriteStates } from './write-states.tsx';

const TALL = 'inline-flex min-h-6 items-center';
const DOCUMENT = '/api/v1/openapi.json';
const VECTORS = '/vectors/http-signature.json';
const TONE = { write: 'accent', read: 'good', public: 'plain' } as const;

async function loadReference(): Promise<readonly CallGroup[]> {
  const response = await fetch(DOCUMENT);
  if (!response.ok) throw new Error(`the document was answered with ${response.status}`);
  return readReference(await response.json());
}

export default function ReferencePage() {
  const t = useTranslations('reference');
  const reference = useQuery({ queryKey: ['reference'], queryFn: loadReference, staleTime: 3_600_000 });
  return (
    <div className="space-y-5">
      <PageTitle text={t('title')} />
      <header className="max-w-3xl space-y-1">
        <h1 className="text-xl font-bold">{t('title')}</h1>
        <p className="text-ink-2">{t('lead')}</p>
        <p className="flex flex-wrap gap-x-4">
          <TextLink className={TALL} href={DOCUMENT}>
            OpenAPI 3.1
          </TextLink>
          <TextLink className={TALL} href="/problems">
            {t('problems')}
          </TextLink>
          <TextLink className={TALL} href="/api/v1/limits">
            {t('limits')}
          </TextLink>
          {/* Files, which Next knows nothing of. */}
          <TextLink className={TALL} href="/schemas/" prefetch={false}>
            {t('schemas')}
          </TextLink>
        </p>
      </header>
      <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
        <Panel title={t('signing')}>
          <Signing />
        </Panel>
        <Panel title={t('states')}>
          <WriteStates />
        </Panel>
      </div>
      <Loaded query={reference} skeleton={<Skeleton className="h-[2400px]" />}>
        {(groups) => <Calls groups={groups} />}
      </Loaded>
    </div>
  );
}

function Signing() {
  const t = useTranslations('reference');
  return (
    <div className="space-y-2 text-[13px]">
      <p>{t('signingText')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard */}
      <section tabIndex={0} aria-label={t('signing')} className="overflow-x-auto rounded-md bg-sunk p-3">
        <pre className="font-mono text-xs leading-5">{`"@method": POST
"@path": /api/v1/mints
"@query": ?
"content-digest": sm3=:<base64>:
"@signature-params": ("@method" "@path" "@query" "content-digest");
  created=1790000000;nonce="…";keyid="…";alg="sm2-sm3"`}</pre>
      </section>
      <p>{t('signingRules')}</p>
      <p>
        <TextLink href={VECTORS}>{t('vectors')}</TextLink>
      </p>
    </div>
  );
}

function Calls({ groups }: { readonly groups: readonly CallGroup[] }) {
  const t = useTranslations('reference');
  const [wanted, setWanted] = useState('');
  const text = wanted.trim().toLowerCase();
  const fits = ({ method, path, summary, fields, answer }: Call) =>
    `${method} ${path} ${summary} ${[...fields, ...answer].map((field) => field.path).join(' ')}`.toLowerCase().includes(text);
  const shown = groups.map(({ name, calls }) => ({ name, calls: calls.filter(fits) })).filter(({ calls }) => calls.length > 0);
  return (
    <>
      <div className="max-w-sm">
        <Field label={t('filter')} type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} />
      </div>
      {shown.length === 0 ? <Empty title={t('empty')} text={t('emptyText')} /> : null}
      {shown.map(({ name, calls }) => (
        <Panel key={name} title={name} flush>
          <ul className="divide-y divide-line">
            {calls.map((call) => (
              <li key={call.id} id={call.id}>
                <CallRow call={call} isOpen={text !== '' && shown.length === 1} />
              </li>
            ))}
          </ul>
        </Panel>
      ))}
    </>
  );
}

function CallRow({ call, isOpen }: { readonly call: Call; readonly isOpen: boolean }) {
  const t = useTranslations('reference');
  return (
    <details open={isOpen}>
      <summary className="flex min-h-11 cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 hover:bg-sunk">
        <code className="font-semibold wrap-anywhere">
          {call.method} {call.path}
        </code>
        <Chip tone={TONE[call.access]}>{t(`access.${call.access}`)}</Chip>
        <span lang="en" className="basis-full text-[13px] text-ink-2">
          {call.summary}
        </span>
      </summary>
      <div className="space-y-4 px-4 pt-1 pb-4">
        {call.fields.length === 0 ? (
          <p className="text-[13px] text-ink-3">{t('noFields')}</p>
        ) : (
          <Fields title={t('takes')} rows={call.fields} mark={({ isRequired }) => (isRequired ? t('required') : null)} />
        )}
        {call.answer.length === 0 ? (
          <p className="text-[13px] text-ink-3">{call.answerType === null ? t('noAnswer') : t('answersWith', { type: call.answerType })}</p>
        ) : (
          <Fields title={t('answers')} rows={call.answer} mark={({ isRequired }) => (isRequired ? null : t('optional'))} />
        )}
      </div>
    </details>
  );
}

type FieldsProps = { readonly title: string; readonly rows: Call['fields']; readonly mark: (row: Call['fields'][number]) => string | null };

/** Beside each other where there is room, below each other on a phone: a long type or pattern is read from its beginning. */
function Fields({ title, rows, mark }: FieldsProps) {
  return (
    <section>
      <h3 className="mb-1 text-[13px] font-semibold">{title}</h3>
      <ul className="divide-y divide-line border-y border-line text-[13px]">
        {rows.map((field) => (
          <li key={field.path} className="grid gap-x-4 gap-y-0.5 py-1.5 sm:grid-cols-[minmax(0,2fr)_minmax(0,1.3fr)_minmax(0,3fr)]">
            <span className="flex flex-wrap items-baseline gap-x-2">
              <code className="wrap-anywhere">{field.path}</code>
              {mark(field) === null ? null : <Chip>{mark(field)}</Chip>}
            </span>
            <code className="text-xs wrap-anywhere text-ink-2">{field.type}</code>
            <span lang="en" className="wrap-anywhere text-ink-2">
              {field.text}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

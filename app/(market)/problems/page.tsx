'use client';
/** Every problem code of the studio API with its meaning in both languages: where the `type` of a problem leads (T-16). */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { listProblems, type ProblemRow } from '#app/_client/problem-list.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { Field, PageTitle, Skeleton } from '#app/_components/ui.tsx';

export default function ProblemsPage() {
  const t = useTranslations('problems');
  const problems = useQuery({ queryKey: ['problems'], queryFn: listProblems, staleTime: 3_600_000 });
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <header className="max-w-3xl space-y-1">
        <h1 className="text-xl font-bold">{t('title')}</h1>
        <p className="text-ink-2">{t('lead')}</p>
      </header>
      <Loaded query={problems} skeleton={<Skeleton className="h-[3000px]" />}>
        {(rows) => <Catalogue rows={rows} />}
      </Loaded>
    </div>
  );
}

function Catalogue({ rows }: { readonly rows: readonly ProblemRow[] }) {
  const t = useTranslations('problems');
  const [wanted, setWanted] = useState('');
  const [asked, setAsked] = useState('');
  useEffect(() => {
    // The rows come after the page, so the browser has looked for the mark in the address too early.
    const follow = () => {
      const code = decodeURIComponent(location.hash.slice(1));
      setAsked(code);
      document.getElementById(code)?.scrollIntoView({ block: 'center' });
    };
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const text = wanted.trim().toLowerCase();
  const shown = rows.filter(({ code, en, zh }) => `${code} ${en} ${zh}`.toLowerCase().includes(text));
  return (
    <>
      <div className="max-w-sm">
        <Field
          label={t('filter')}
          type="search"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
          help={t('count', { count: shown.length })}
        />
      </div>
      <div className="rounded-lg border border-line bg-card">
        {shown.length === 0 ? (
          <Empty title={t('empty')} text={t('emptyText')} />
        ) : (
          <table className="data-table as-cards">
            <thead>
              <tr>
                <th>{t('code')}</th>
                <th className="end">{t('status')}</th>
                <th>{t('meaning')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <tr key={row.code} id={row.code} className={row.code === asked ? 'bg-accent-soft' : undefined}>
                  <td>
                    <a
                      href={`#${row.code}`}
                      className="inline-flex min-h-11 items-center font-mono text-[13px] break-all text-accent hover:underline sm:min-h-6"
                    >
                      {row.code}
                    </a>
                  </td>
                  <td data-label={t('status')} className="num end">
                    {row.status}
                  </td>
                  <td>
                    <span className="block text-start">
                      <span lang="zh-CN" className="block">
                        {row.zh}
                      </span>
                      <span lang="en" className="block text-ink-2">
                        {row.en}
                      </span>
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </>
  );
}

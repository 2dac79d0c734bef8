'use client';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
/** The frame of a member's pages (product O-01, O-03): what a ledger alone can answer, and nothing of a market. */
import { Link } from './link.tsx';
import { Logo, PreferenceButtons } from './shell.tsx';
import { SkipLink } from './skip-link.tsx';

export function MemberShell({ children }: { readonly children: ReactNode }) {
  const t = useTranslations();
  const pathname = usePathname();
  const links = [
    ['/node', t('node.title')],
    ['/explorer', t('nav.explorer')],
    ['/verify', t('nav.verify')],
  ] as const;
  return (
    <>
      <SkipLink />
      <header className="sticky top-0 z-30 border-b border-line bg-card">
        <div className="mx-auto flex min-h-14 max-w-[1480px] flex-wrap items-center gap-2 px-3 sm:px-5">
          <Logo href="/node" />
          <nav aria-label={t('nav.mainLabel')} className="order-last flex w-full gap-0.5 sm:order-none sm:w-auto">
            {links.map(([href, label]) => (
              <Link
                key={href}
                href={href}
                aria-current={pathname.startsWith(href) ? 'page' : undefined}
                className="inline-flex min-h-11 items-center rounded-md px-2.5 text-sm font-medium text-ink-2 hover:text-accent aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent sm:min-h-9"
              >
                {label}
              </Link>
            ))}
          </nav>
          <div className="ms-auto flex items-center gap-0.5">
            <PreferenceButtons />
          </div>
        </div>
        <p className="border-t border-line bg-sunk px-3 py-1.5 text-xs text-ink-2 sm:px-5">{t('node.memberAlone')}</p>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto min-h-[60vh] max-w-[1480px] px-3 py-4 outline-none sm:px-5 sm:py-5">
        {children}
      </main>
    </>
  );
}

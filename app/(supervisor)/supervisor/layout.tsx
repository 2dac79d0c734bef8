'use client';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Empty } from '#app/_components/empty.tsx';
/** Only supervisors see these pages; the server masks what each of them may see (V-02), this frame only leads to the door. */
import { Link } from '#app/_components/link.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Chip, LinkButton, Skeleton } from '#app/_components/ui.tsx';
import { KeyHelp } from './key-help.tsx';
import { StaffDoor } from './staff-door.tsx';

/** On a phone the tabs are wider than the screen: the one that is open is seen. */
function intoView(tab: HTMLElement | null): void {
  const bar = tab?.parentElement;
  if (tab !== null && bar) bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.clientWidth) / 2;
}

export default function SupervisorLayout({ children }: { readonly children: ReactNode }) {
  const t = useTranslations();
  const staff = useStaff();
  const pathname = usePathname();
  if (staff === undefined) return <Skeleton className="h-[70vh]" />;
  if (staff === null) return <StaffDoor />;
  if (!staff.role.startsWith('sup_') && staff.role !== 'auditor' && staff.role !== 'operator') {
    return (
      <Empty title={t('supervisor.roleNeeded')}>
        <LinkButton href="/sign-in">{t('nav.signIn')}</LinkButton>
      </Empty>
    );
  }
  const tabs = [
    ['/supervisor', t('supervisor.feed')],
    ['/supervisor/alerts', t('alerts.title')],
    ['/supervisor/cases', t('cases.title')],
    ...(staff.role === 'sup_market' ? ([['/supervisor/decisions', t('reviews.title')]] as const) : []),
    ['/supervisor/detectors', t('alerts.detectorsTitle')],
    ...(staff.role === 'sup_tax' ? ([['/supervisor/tax', t('supervisor.tax')]] as const) : []),
    ...(staff.role === 'sup_finance' || staff.role === 'sup_tax' ? ([['/supervisor/flows', t('funds.title')]] as const) : []),
    ...(staff.role === 'sup_finance' || staff.role === 'operator' ? ([['/supervisor/reconciliation', t('statement.title')]] as const) : []),
    ...(staff.role.startsWith('sup_') ? ([['/supervisor/look', t('look.title')]] as const) : []),
    ['/supervisor/packs', t('packs.title')],
    ['/supervisor/experiments', t('experimentDesk.title')],
    ['/supervisor/reports', t('reports.title')],
    ['/supervisor/replay', t('replay.title')],
  ] as const;
  // What lies below a tab (a case, an experiment) is part of it.
  const here = tabs.findLast(([href]) => pathname === href || (href !== '/supervisor' && pathname.startsWith(`${href}/`)))?.[0];
  return (
    <div className="space-y-4">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2 lg:flex-nowrap">
        <h1 className="text-xl font-bold">{t('supervisor.title')}</h1>
        <nav
          aria-label={t('supervisor.title')}
          className="flex max-w-full min-w-0 gap-0.5 overflow-x-auto max-lg:order-last max-lg:basis-full"
        >
          {tabs.map(([href, label]) => (
            <Link
              key={href}
              href={href}
              aria-current={href === here ? 'page' : undefined}
              ref={href === here ? intoView : undefined}
              className="inline-flex min-h-11 items-center rounded-md px-2.5 whitespace-nowrap text-sm font-medium text-ink-2 hover:text-accent aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent sm:min-h-9"
            >
              {label}
            </Link>
          ))}
        </nav>
        <span className="ms-auto flex flex-none items-center gap-1 text-[13px] text-ink-2">
          <Chip tone="accent">{t(`signIn.role.${staff.role}`)}</Chip>
          <KeyHelp tabs={tabs.map(([href]) => href)} here={here} />
        </span>
      </header>
      {children}
    </div>
  );
}

'use client';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
/** The studio's console: its tabs. Who may see what is the server's word; this frame only leads the way. */
import { Link } from '#app/_components/link.tsx';

export default function StudioLayout({ children }: { readonly children: ReactNode }) {
  const t = useTranslations('studio');
  const join = useTranslations('studioJoin');
  const pathname = usePathname();
  const tabs = [
    ['/studio', t('overview')],
    ['/studio/kinds', t('kinds')],
    ['/studio/join', join('tab')],
  ] as const;
  const isOpen = (href: string) => (href === '/studio' ? pathname === href : pathname.startsWith(href));
  return (
    <div className="space-y-4">
      <nav aria-label={t('title')} className="flex gap-1">
        {tabs.map(([href, label]) => (
          <Link
            key={href}
            href={href}
            aria-current={isOpen(href) ? 'page' : undefined}
            className="inline-flex min-h-11 items-center rounded-md px-3 text-sm font-medium text-ink-2 hover:text-accent aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent sm:min-h-9"
          >
            {label}
          </Link>
        ))}
      </nav>
      {children}
    </div>
  );
}

'use client';
/** Who is signed in, their own pages and the way out. */
import { useQueryClient } from '@tanstack/react-query';
import { User } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { Link } from './link.tsx';
import { useMe, useStaff } from './session.tsx';

const STAFF_HOME: Readonly<Record<string, string>> = { studio: '/studio', notary: '/notary' };

export function AccountMenu() {
  const t = useTranslations('nav');
  const me = useMe();
  const staff = useStaff();
  const queryClient = useQueryClient();
  const router = useRouter();
  const signOut = async () => {
    const [{ lockKeys }, { dropOfficial }] = await Promise.all([
      import('#app/_client/keys/key-store.ts'),
      import('#app/_client/keys/held-official.ts'),
    ]);
    lockKeys();
    dropOfficial();
    await Promise.allSettled([me ? api.session.signOut() : null, staff ? api.staff.signOut() : null]);
    void queryClient.resetQueries();
    router.push('/');
    router.refresh();
  };
  if (me === undefined && staff === undefined) return null;
  const name = me?.displayName ?? staff?.name;
  if (name === undefined) {
    return (
      <Link
        href="/sign-in"
        className="inline-flex min-h-11 flex-none items-center rounded-md bg-accent px-3.5 text-sm font-semibold text-accent-ink hover:brightness-110 sm:min-h-9"
      >
        {t('signIn')}
      </Link>
    );
  }
  return (
    <details className="group relative flex-none">
      <summary className="flex min-h-11 list-none items-center gap-1.5 rounded-md px-2 text-sm font-medium hover:bg-accent-soft sm:min-h-9 [&::-webkit-details-marker]:hidden">
        <User size={16} aria-hidden />
        <span className="max-w-28 truncate max-[360px]:max-w-14">{name}</span>
        <span className="sr-only">{t('account')}</span>
      </summary>
      <div className="absolute end-0 z-40 mt-1 min-w-44 rounded-lg border border-line bg-card p-1 shadow-card">
        {me ? (
          <Link href="/sign-in" className="block rounded px-3 py-2 hover:bg-sunk">
            {t('account')}
          </Link>
        ) : null}
        {me ? (
          <Link href="/inbox" className="block rounded px-3 py-2 hover:bg-sunk">
            {t('inbox')}
          </Link>
        ) : null}
        {me ? (
          <Link href="/tax" className="block rounded px-3 py-2 hover:bg-sunk">
            {t('myTax')}
          </Link>
        ) : null}
        {me ? (
          <Link href="/access" className="block rounded px-3 py-2 whitespace-nowrap hover:bg-sunk">
            {t('access')}
          </Link>
        ) : null}
        {me ? (
          <Link href="/settings/data" className="block rounded px-3 py-2 hover:bg-sunk">
            {t('myData')}
          </Link>
        ) : null}
        {me ? (
          <Link href="/settings/identity" className="block rounded px-3 py-2 whitespace-nowrap hover:bg-sunk">
            {t('sellerCheck')}
          </Link>
        ) : null}
        {me ? (
          <Link href="/disputes" className="block rounded px-3 py-2 hover:bg-sunk">
            {t('disputes')}
          </Link>
        ) : null}
        {staff?.role === 'operator' ? (
          <Link href="/desk" className="block rounded px-3 py-2 hover:bg-sunk">
            {t('desk')}
          </Link>
        ) : null}
        {staff ? (
          <Link href={STAFF_HOME[staff.role] ?? '/supervisor'} className="block rounded px-3 py-2 hover:bg-sunk">
            {staff.role === 'studio' || staff.role === 'notary' ? t(staff.role) : t('supervisor')}
          </Link>
        ) : null}
        <button type="button" onClick={() => void signOut()} className="block w-full rounded px-3 py-2 text-start hover:bg-sunk">
          {t('signOut')}
        </button>
      </div>
    </details>
  );
}

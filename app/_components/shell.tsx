'use client';
/** The frame of every page: header with search, language and theme; bottom bar on a phone; footer. */
import clsx from 'clsx';
import { Coins, Factory, Home, Inbox, Moon, PackageOpen, ReceiptText, Scale, Search, ShieldCheck, Sun, Tag } from 'lucide-react';
import { usePathname, useRouter } from 'next/navigation';
import { type FormEvent, lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { AccountMenu } from './account-menu.tsx';
import { useHomeHead } from './home-head.ts';
import { Link } from './link.tsx';
import { MovedClock } from './moved-clock.tsx';
import { useOnline, usePreferences } from './providers.tsx';
import { RiseColours } from './rise-colours.tsx';
import { useMe, useStaff } from './session.tsx';
import { SkipLink } from './skip-link.tsx';
import { Id } from './ui.tsx';

/** Carries the live connection, which the verifier's page does without: a proof asks nobody, and nothing is traded there. */
const HaltBanner = lazy(async () => ({ default: (await import('./halt-banner.tsx')).HaltBanner }));

const LedgerAlarm = lazy(async () => ({ default: (await import('./ledger-alarm.tsx')).LedgerAlarm }));

const HoldBanner = lazy(async () => ({ default: (await import('./hold-banner.tsx')).HoldBanner }));

const GiftNotice = lazy(async () => ({ default: (await import('./gifts/gift-notice.tsx')).GiftNotice }));
const InboxBell = lazy(async () => ({ default: (await import('./inbox-bell.tsx')).InboxBell }));
const InquiryNotice = lazy(async () => ({ default: (await import('./inquiry-notice.tsx')).InquiryNotice }));

const ReceiptKeeper = lazy(async () => ({ default: (await import('./trade/receipt-keeper.tsx')).ReceiptKeeper }));

const WatchNotice = lazy(async () => ({ default: (await import('./watch/watch-notice.tsx')).WatchNotice }));

const iconButton =
  'inline-grid size-11 flex-none place-items-center rounded-md text-ink-2 hover:bg-accent-soft hover:text-accent sm:size-9';

export function Logo({ href = '/' }: { readonly href?: string }) {
  const t = useTranslations('app');
  const { locale } = usePreferences();
  return (
    <Link href={href} className="flex flex-none items-center gap-2 pe-1">
      <svg viewBox="0 0 32 32" className="size-7" aria-hidden="true">
        <path d="M2 2h22l6 6v22H2z" className="fill-accent" />
        <path d="M9 8h9.5l4.5 4.5V24H9z M13 16.5h6" fill="none" className="stroke-accent-ink" strokeWidth="2.6" />
      </svg>
      <span className="text-lg font-bold tracking-tight">{t('name')}</span>
      {locale === 'zh-CN' ? <span className="hidden text-xs text-ink-3 xl:inline">{t('latin')}</span> : null}
      <span className="sr-only">{t('tagline')}</span>
    </Link>
  );
}

function SearchBox({ className }: { readonly className?: string }) {
  const t = useTranslations('nav');
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target;
      const isTyping = target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      if (input.current === null || input.current.offsetParent === null) return;
      event.preventDefault();
      input.current.focus();
      input.current.select();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('q') ?? '').trim();
    router.push(text === '' ? '/search' : `/search?q=${encodeURIComponent(text)}`);
  };
  return (
    <search className={className}>
      <form onSubmit={submit} className="relative">
        <Search size={16} className="pointer-events-none absolute start-3 top-1/2 -translate-y-1/2 text-ink-3" aria-hidden />
        <input
          ref={input}
          name="q"
          type="search"
          aria-label={t('searchLabel')}
          placeholder={t('searchPlaceholder')}
          className="h-11 w-full rounded-md border border-line-strong/60 bg-sunk ps-9 pe-3 text-[15px] placeholder:text-ink-3 sm:h-9 sm:text-sm"
        />
      </form>
    </search>
  );
}

/** The longest address that the page lies below, so that one link is current and no more. */
function placeOf(links: readonly { readonly href: string }[], pathname: string): string | null {
  const above = links.filter(({ href }) => pathname === href || (href !== '/' && pathname.startsWith(`${href}/`)));
  return above.toSorted((a, b) => b.href.length - a.href.length)[0]?.href ?? null;
}

function useLinks(): readonly { href: string; label: string; icon: typeof Home }[] {
  const t = useTranslations('nav');
  const me = useMe();
  const staff = useStaff();
  // Whoever came as staff and not as a player finds their own desk first.
  if (staff && !me) {
    const desk =
      staff.role === 'studio'
        ? { href: '/studio', label: t('studio'), icon: Factory }
        : staff.role === 'notary'
          ? { href: '/notary', label: t('notary'), icon: Inbox }
          : { href: '/supervisor', label: t('supervisor'), icon: ShieldCheck };
    const isOperator = staff.role === 'operator';
    return [
      ...(isOperator ? [{ href: '/desk', label: t('desk'), icon: Inbox }] : []),
      desk,
      ...(staff.role === 'sup_tax' ? [{ href: '/supervisor/tax', label: t('tax'), icon: Coins }] : []),
      { href: '/search', label: t('search'), icon: Search },
      { href: '/explorer', label: t('explorer'), icon: ReceiptText },
      { href: '/rules', label: t('rules'), icon: Scale },
    ];
  }
  return [
    { href: '/search', label: t('search'), icon: Search },
    { href: '/sell', label: t('sell'), icon: Tag },
    { href: '/portfolio', label: t('portfolio'), icon: PackageOpen },
    { href: '/orders', label: t('orders'), icon: ReceiptText },
    { href: '/money', label: t('money'), icon: Coins },
  ];
}

export function PreferenceButtons() {
  const t = useTranslations();
  const { locale, theme, setLocale, setTheme } = usePreferences();
  const toggleTheme = () => {
    const isDark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
    setTheme(isDark ? 'light' : 'dark');
  };
  return (
    <>
      <button
        type="button"
        className="inline-flex min-h-11 items-center rounded-md px-2 text-[13px] font-medium text-ink-2 hover:bg-accent-soft hover:text-accent sm:min-h-9"
        aria-label={`${t('nav.language')} · ${t('nav.languageLabel')}`}
        onClick={() => setLocale(locale === 'en' ? 'zh-CN' : 'en')}
      >
        {t('nav.language')}
      </button>
      <button
        type="button"
        className={iconButton}
        aria-label={t(theme === 'dark' ? 'nav.themeLight' : 'nav.themeDark')}
        onClick={toggleTheme}
      >
        {theme === 'dark' ? <Sun size={17} aria-hidden /> : <Moon size={17} aria-hidden />}
      </button>
    </>
  );
}

function Header() {
  const t = useTranslations();
  const me = useMe();
  const pathname = usePathname();
  const links = useLinks();
  const here = placeOf(links, pathname);
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-card">
      <div className="mx-auto flex h-14 max-w-[1480px] items-center gap-1 px-2 min-[360px]:gap-2 min-[360px]:px-3 sm:px-5">
        <Logo />
        <nav aria-label={t('nav.mainLabel')} className="hidden gap-0.5 lg:flex">
          {links.map(({ href, label }) => (
            <Link
              key={href}
              href={href}
              aria-current={href === here ? 'page' : undefined}
              className="rounded-md px-2.5 py-2 text-sm font-medium text-ink-2 hover:text-accent aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent"
            >
              {label}
            </Link>
          ))}
        </nav>
        <SearchBox className="mx-auto hidden w-full max-w-md min-w-0 flex-1 sm:block" />
        <div className="ms-auto flex items-center gap-0.5 sm:ms-0">
          <PreferenceButtons />
          {/* As wide as it becomes, so that nothing beside it moves. */}
          <div className="flex min-h-11 min-w-18 items-center justify-end sm:w-52">
            {me && pathname !== '/verify' ? (
              <Suspense fallback={<span className="size-11 flex-none sm:size-9" />}>
                <InboxBell me={me} />
              </Suspense>
            ) : null}
            <AccountMenu />
          </div>
        </div>
      </div>
      <div className="border-t border-line px-3 py-2 sm:hidden">
        <SearchBox />
      </div>
    </header>
  );
}

function BottomBar() {
  const t = useTranslations('nav');
  const pathname = usePathname();
  const links = [{ href: '/', label: t('home'), icon: Home }, ...useLinks()];
  const here = placeOf(links, pathname);
  return (
    <nav
      aria-label={t('bottomLabel')}
      className="fixed inset-x-0 bottom-0 z-30 grid auto-cols-fr grid-flow-col border-t border-line bg-card pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {links.map(({ href, label, icon: Icon }) => {
        return (
          <Link
            key={href}
            href={href}
            aria-current={href === here ? 'page' : undefined}
            className="flex min-h-13 flex-col items-center justify-center gap-0.5 text-[11px] text-ink-2 aria-[current=page]:font-semibold aria-[current=page]:text-accent"
          >
            <Icon size={19} aria-hidden />
            <span className="max-w-full truncate px-0.5">{label}</span>
          </Link>
        );
      })}
    </nav>
  );
}

/** On every page (rulebook CN-BC-01); a demonstration says that it has none, any other chain until its operator has put one on record. */
function Filing({ head }: { readonly head: ReturnType<typeof useHomeHead> }) {
  const t = useTranslations('foot');
  if (head === undefined || (head.isDemonstration && head.filingNo === null)) return <span>{t('filing')}</span>;
  return <span>{head.filingNo === null ? t('filingMissing') : t('filingNo', { number: head.filingNo })}</span>;
}

function Footer() {
  const t = useTranslations();
  const head = useHomeHead();
  const links = [
    ['/verify', t('nav.verify')],
    ['/explorer', t('nav.explorer')],
    ['/node', t('node.title')],
    ['/agreement', t('foot.agreement')],
    ['/rules', t('nav.rules')],
    ['/experiments', t('nav.experiment')],
    ['/studio', t('nav.studio')],
    ['/supervisor', t('nav.supervisor')],
    ['/transparency', t('transparency.title')],
    ['/credits', t('nav.credits')],
  ] as const;
  return (
    <footer className="mt-10 border-t border-line pb-20 text-[13px] text-ink-2 lg:pb-8">
      <div className="mx-auto grid max-w-[1480px] gap-4 px-3 py-6 sm:px-5 md:grid-cols-[1fr_auto]">
        <div className="min-h-16 space-y-1">
          <p>{t('foot.text')}</p>
          <p className="flex flex-wrap items-center gap-x-4 text-ink-3">
            <span>{t('foot.zone')}</span>
            <RiseColours />
            <Filing head={head} />
            {head === undefined ? null : (
              <>
                <span className="num">{t('foot.height', { height: String(head.height) })}</span>
                <span className="inline-flex items-center gap-1">
                  {t('foot.chain')} <Id value={head.chain} />
                </span>
              </>
            )}
          </p>
        </div>
        <nav aria-label={t('nav.menu')} className="flex flex-wrap gap-x-4">
          {links.map(([href, label]) => (
            <Link key={href} href={href} className="inline-flex min-h-11 items-center hover:text-accent hover:underline sm:min-h-8">
              {label}
            </Link>
          ))}
        </nav>
      </div>
    </footer>
  );
}

export function Shell({ children }: { readonly children: ReactNode }) {
  const t = useTranslations();
  const isOnline = useOnline();
  const head = useHomeHead();
  const me = useMe();
  const staff = useStaff();
  const pathname = usePathname();
  return (
    <>
      <SkipLink />
      <Header />
      <div className={clsx('border-b border-line text-xs', isOnline ? 'bg-sunk text-ink-2' : 'bg-amber-soft text-amber')}>
        <p role="status" className="mx-auto flex min-h-7 max-w-[1480px] items-center gap-2 px-3 sm:px-5">
          {isOnline ? (
            head?.isDemonstration === false ? null : (
              <>
                <span className="flex-none rounded-sm bg-amber-soft px-1.5 font-medium text-amber">{t('app.demo')}</span>
                <span className="truncate">{t('app.demoNote')}</span>
                {staff?.role === 'operator' ? (
                  <Link href="/desk/clock" className="ms-auto flex-none font-medium text-accent underline-offset-3 hover:underline">
                    {t('clock.open')}
                  </Link>
                ) : null}
              </>
            )
          ) : (
            t('app.offline')
          )}
        </p>
      </div>
      <MovedClock />
      {pathname === '/verify' ? null : (
        <Suspense fallback={null}>
          <LedgerAlarm />
          <HaltBanner />
          {me ? <HoldBanner me={me} /> : null}
          {me ? <ReceiptKeeper me={me} /> : null}
          {me ? <WatchNotice /> : null}
          {me ? <GiftNotice /> : null}
          {me ? <InquiryNotice /> : null}
        </Suspense>
      )}
      {/* A screen high at least, so that the footer is not pushed down before the reader’s eyes while a page fills. */}
      <main id="content" tabIndex={-1} className="mx-auto min-h-dvh max-w-[1480px] px-3 py-4 outline-none sm:px-5 sm:py-5">
        {children}
      </main>
      <Footer />
      <BottomBar />
    </>
  );
}

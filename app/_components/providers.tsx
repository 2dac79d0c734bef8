'use client';
/** What every page stands on: language, theme, the query cache, and the one place where both are remembered. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { IntlProvider } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { browserClock } from '#app/_client/clock.ts';
import type { Locale } from '#app/_client/format.ts';
import type { Messages } from '#app/_client/messages/catalogue.ts';

export type Theme = 'light' | 'dark' | 'system';
/** The colour of rising prices. */
export type RiseColour = 'red' | 'green';
type Preferences = {
  readonly locale: Locale;
  readonly theme: Theme;
  readonly rise: RiseColour;
  /** These are the pages of a member without a market: only its ledger can be asked. */
  readonly isMember: boolean;
  setLocale(locale: Locale): void;
  setTheme(theme: Theme): void;
  setRise(rise: RiseColour): void;
};
const PreferencesContext = createContext<Preferences | null>(null);

export function usePreferences(): Preferences {
  const value = useContext(PreferencesContext);
  if (value === null) throw new Error('usePreferences outside Providers');
  return value;
}

function remember(name: string, value: string): void {
  // A year; not a secret, so readable by the page that sets it. The Cookie Store interface is missing in Firefox and older Safari.
  // biome-ignore lint/suspicious/noDocumentCookie: see above
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

const PERMANENT = new Set([
  'sign_in_required',
  'staff_sign_in_required',
  'role_missing',
  'class_unknown',
  'item_unknown',
  'trade_unknown',
  'experiment_unknown',
]);
function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < 2 && !PERMANENT.has(readRefusal(error).code),
      },
    },
  });
}

/** `messages` are those of the locale, compiled; another language is another answer of the layout, and nothing on the page is lost. */
export function Providers(props: {
  readonly locale: Locale;
  readonly messages: Messages;
  readonly theme: Theme;
  /** null: as the language has it. */
  readonly rise: RiseColour | null;
  readonly isMember: boolean;
  readonly children: ReactNode;
}) {
  const router = useRouter();
  const { locale, messages, isMember } = props;
  const [queryClient] = useState(makeQueryClient);
  const [theme, setThemeState] = useState(props.theme);
  // From here on the page answers to hands; before, it is only to be read.
  useEffect(() => document.documentElement.setAttribute('data-live', ''), []);
  const setLocale = useCallback(
    (next: Locale) => {
      remember('daoju_lang', next);
      router.refresh();
    },
    [router],
  );
  const setTheme = useCallback((next: Theme) => {
    remember('daoju_theme', next);
    if (next === 'system') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.setAttribute('data-theme', next);
    setThemeState(next);
  }, []);
  const [chosenRise, setChosenRise] = useState(props.rise);
  const rise = chosenRise ?? (locale === 'en' ? 'green' : 'red');
  const setRise = useCallback((next: RiseColour) => {
    remember('daoju_rise', next);
    document.documentElement.setAttribute('data-rise', next);
    setChosenRise(next);
  }, []);
  const preferences = useMemo(
    () => ({ locale, theme, rise, isMember, setLocale, setTheme, setRise }),
    [locale, theme, rise, isMember, setLocale, setTheme, setRise],
  );
  return (
    <PreferencesContext value={preferences}>
      <IntlProvider locale={locale} messages={messages} timeZone="Asia/Shanghai">
        <QueryClientProvider client={queryClient}>{props.children}</QueryClientProvider>
      </IntlProvider>
    </PreferencesContext>
  );
}

/** The time of day on screen, ticking: for countdowns and ages. `null` until the page runs in the browser. */
export function useNow(everyMs = 1_000): number | null {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    const tick = () => setNow(browserClock.nowMs());
    tick();
    const timer = setInterval(tick, everyMs);
    const forget = browserClock.subscribe(tick);
    return () => {
      clearInterval(timer);
      forget();
    };
  }, [everyMs]);
  return now;
}

/** How far a demonstration's clock was moved ahead; zero while nobody has. */
export function useClockOffset(): number {
  return useSyncExternalStore(browserClock.subscribe, browserClock.offsetMs, () => 0);
}

export function useOnline(): boolean {
  const [isOnline, setOnline] = useState(true);
  useEffect(() => {
    const update = () => setOnline(navigator.onLine);
    update();
    addEventListener('online', update);
    addEventListener('offline', update);
    return () => {
      removeEventListener('online', update);
      removeEventListener('offline', update);
    };
  }, []);
  return isOnline;
}

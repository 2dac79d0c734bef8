import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';
import type { Locale } from '#app/_client/format.ts';
import { compiledMessages } from '#app/_client/messages/compile-messages.ts';
import { MemberShell } from '#app/_components/member-shell.tsx';
import { Providers, type RiseColour, type Theme } from '#app/_components/providers.tsx';
import { Shell } from '#app/_components/shell.tsx';
import './globals.css';

export const metadata: Metadata = {
  title: '道具 Daoju',
  description: '游戏道具交易市场 · Market for game items',
  icons: { icon: '/favicon.svg' },
};
export const viewport: Viewport = { width: 'device-width', initialScale: 1, themeColor: '#0a6475' };

/** Language, theme and colours are read from cookies, so the first byte is already right: no flash, no reload. */
export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const jar = await cookies();
  // Set by a member's process, whatever a browser sends.
  const isMember = (await headers()).get('x-daoju-role') === 'member';
  const locale: Locale = jar.get('daoju_lang')?.value === 'en' ? 'en' : 'zh-CN';
  const stored = jar.get('daoju_theme')?.value;
  const theme: Theme = stored === 'dark' || stored === 'light' ? stored : 'system';
  const chosen = jar.get('daoju_rise')?.value;
  const rise: RiseColour | null = chosen === 'red' || chosen === 'green' ? chosen : null;
  return (
    <html lang={locale} data-theme={theme === 'system' ? undefined : theme} data-rise={rise ?? (locale === 'en' ? 'green' : 'red')}>
      <body>
        <Providers locale={locale} messages={compiledMessages(locale)} theme={theme} rise={rise} isMember={isMember}>
          {isMember ? <MemberShell>{children}</MemberShell> : <Shell>{children}</Shell>}
        </Providers>
      </body>
    </html>
  );
}

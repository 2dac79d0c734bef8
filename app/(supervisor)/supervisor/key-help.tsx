'use client';
/** What the keyboard does at the console, behind `?`; and the switch that ends it. */
import { Keyboard } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { areKeysOn, switchKeys } from '#app/_components/key-switch.ts';
import { Sheet } from '#app/_components/sheet.tsx';
import { isForOthers } from '#app/_components/use-row-keys.ts';

const LINES = [
  ['move', ['j', 'k', '↓', '↑']],
  ['ends', ['Home', 'End']],
  ['open', ['Enter']],
  ['close', ['Esc']],
  ['tabs', ['[', ']']],
  ['search', ['/']],
  ['pause', ['p']],
  ['select', ['x']],
  ['help', ['?']],
] as const;

export function KeyHelp({ tabs, here }: { readonly tabs: readonly string[]; readonly here: string | undefined }) {
  const t = useTranslations('supervisor.keyboard');
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const [isOn, setOn] = useState(true);
  useEffect(() => setOn(areKeysOn()), []);
  const now = useRef({ tabs, here });
  now.current = { tabs, here };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isForOthers(event)) return;
      if (event.key === '?') setOpen(true);
      const step = event.key === ']' ? 1 : event.key === '[' ? -1 : 0;
      if (step === 0) return;
      const { tabs: all, here: tab } = now.current;
      const next = all[(all.indexOf(tab ?? '') + step + all.length) % all.length];
      if (next !== undefined) router.push(next);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [router]);
  const turn = (on: boolean) => {
    switchKeys(on);
    setOn(on);
  };
  return (
    <>
      <button
        type="button"
        aria-label={t('title')}
        title={`${t('title')} (?)`}
        onClick={() => setOpen(true)}
        className="hidden size-9 flex-none place-items-center rounded-md text-ink-3 hover:bg-accent-soft hover:text-accent sm:inline-grid"
      >
        <Keyboard size={17} aria-hidden />
      </button>
      <Sheet open={isOpen} title={t('title')} onClose={() => setOpen(false)}>
        <dl className="divide-y divide-line text-[13px]">
          {LINES.map(([name, keys]) => (
            <div key={name} className="flex items-center justify-between gap-4 py-2">
              <dt>{t(name)}</dt>
              <dd className="flex flex-none gap-1">
                {keys.map((key) => (
                  <kbd
                    key={key}
                    className="min-w-6 rounded border border-line-strong/60 bg-sunk px-1.5 py-0.5 text-center font-mono text-xs text-ink-2"
                  >
                    {key}
                  </kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
        <label className="mt-4 flex min-h-11 items-center gap-2 text-[13px]">
          <input type="checkbox" checked={isOn} onChange={(event) => turn(event.target.checked)} className="size-4 accent-accent" />
          {t('switch')}
        </label>
      </Sheet>
    </>
  );
}

'use client';
/** A list that is walked without a mouse: j and k or the arrows move, Home and End jump, Enter opens what has the focus. The focus itself
 *  moves, so that it is seen and read out. Silent while somebody types, chooses in a field, has a dialogue open, or has switched it off. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { areKeysOn } from './key-switch.ts';

/** Where keys of one letter mean a letter, or another list. */
export function isForOthers({ target, metaKey, ctrlKey, altKey, defaultPrevented }: KeyboardEvent): boolean {
  if (metaKey || ctrlKey || altKey || defaultPrevented || !areKeysOn()) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(?:TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('[role="dialog"]') !== null) return true;
  return target instanceof HTMLInputElement && !/^(?:checkbox|radio|button|submit)$/.test(target.type);
}

/** The place that a key leads to; null: it is no key of lists. Before anything is chosen, arrows and jumps belong to the page. */
export function nextPlace(key: string, place: number, count: number): number | null {
  const last = count - 1;
  const isChosen = place >= 0;
  if (key === 'j' || (key === 'ArrowDown' && isChosen)) return Math.min(last, place + 1);
  if (key === 'k' || (key === 'ArrowUp' && isChosen)) return Math.max(0, place - 1);
  if (key === 'Home' && isChosen) return 0;
  if (key === 'End' && isChosen) return last;
  return null;
}

const FOCUSABLE = 'a[href], button, summary';
const arrows = /^(?:Arrow|Home|End)/;

/** Each row has `data-row-key`; it takes the focus itself, or its first link or button does. `onMove` brings a row into the page that is not drawn yet; `onKey` takes other keys. */
export function useRowKeys<Box extends HTMLElement>(wish: {
  readonly keys: readonly string[];
  readonly onMove?: (place: number) => void;
  readonly onKey?: (key: string, chosen: string | null) => boolean;
}) {
  const box = useRef<Box>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  const now = useRef({ ...wish, chosen });
  now.current = { ...wish, chosen };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isForOthers(event)) return;
      const { keys, onMove, onKey, chosen: from } = now.current;
      // Radio buttons and the like have arrows of their own.
      if (arrows.test(event.key) && event.target instanceof HTMLInputElement) return;
      const place = nextPlace(event.key, from === null ? -1 : keys.indexOf(from), keys.length);
      const next = place === null ? undefined : keys[place];
      if (place === null || next === undefined) {
        if (onKey?.(event.key, from) === true) event.preventDefault();
        return;
      }
      event.preventDefault();
      wanted.current = next;
      onMove?.(place);
      setChosen(next);
      focusRow();
    };
    const focusRow = () => focusWanted(box.current, wanted);
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
  // A row of a long list is drawn some frames after it was asked for.
  useEffect(() => focusWanted(box.current, wanted));
  const choose = useCallback((key: string) => setChosen(key), []);
  return { box, chosen, choose };
}

function focusWanted(box: HTMLElement | null, wanted: { current: string | null }): void {
  if (wanted.current === null) return;
  const row = box?.querySelector<HTMLElement>(`[data-row-key="${CSS.escape(wanted.current)}"]`);
  if (row === null || row === undefined) return;
  wanted.current = null;
  const target = row.matches(FOCUSABLE) ? row : row.querySelector<HTMLElement>(FOCUSABLE);
  target?.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}

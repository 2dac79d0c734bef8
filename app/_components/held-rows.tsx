'use client';
/** A live list that holds still while it is read: new rows wait behind a bar. Read means that the pointer or the focus is in it, or
 *  that its beginning has been scrolled away. */
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { holdRows } from '#app/_client/held-rows.ts';

export function HeldRows<Row>(props: {
  /** Newest first. */
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  readonly children: (rows: readonly Row[]) => ReactNode;
}) {
  const t = useTranslations('panel');
  const { rows, keyOf } = props;
  const place = useRef<HTMLDivElement>(null);
  const isPointed = useRef(false);
  const [held, setHeld] = useState({ shown: rows, waiting: 0 });
  const keys = useRef(keyOf);
  keys.current = keyOf;
  const follow = useRef((newest: readonly Row[]) => {
    const list = place.current;
    const isReading = list !== null && (isPointed.current || list.contains(document.activeElement) || list.getBoundingClientRect().top < 0);
    setHeld(({ shown }) => holdRows(shown, newest, keys.current, isReading));
  });
  useLayoutEffect(() => follow.current(rows), [rows]);
  const show = () => setHeld({ shown: rows, waiting: 0 });
  return (
    <div
      ref={place}
      onPointerEnter={() => {
        isPointed.current = true;
      }}
      onPointerLeave={() => {
        isPointed.current = false;
        follow.current(rows);
      }}
    >
      {held.waiting === 0 ? null : (
        <div className="sticky top-16 z-10 h-0" role="status">
          <button
            type="button"
            data-new-rows={held.waiting}
            onClick={show}
            className="mx-auto block min-h-11 translate-y-1 rounded-full bg-accent px-4 text-sm font-semibold text-accent-ink shadow-card sm:min-h-9"
          >
            {t('newRows', { count: formatCount(held.waiting) })}
          </button>
        </div>
      )}
      {props.children(held.shown)}
    </div>
  );
}

'use client';
/** The latest trades, newest first. */
import type { TapeRow } from '#server/trpc/views.ts';
import { HeldRows } from './held-rows.tsx';
import { KindLine } from './item-art.tsx';
import { Time, Yuan } from './ui.tsx';

export function Tape({ rows, empty }: { readonly rows: readonly TapeRow[]; readonly empty: string }) {
  if (rows.length === 0) return <p className="px-4 py-8 text-center text-ink-2">{empty}</p>;
  return (
    <HeldRows rows={rows} keyOf={({ tradeId }) => tradeId}>
      {(shown) => (
        <ul className="divide-y divide-line">
          {shown.map((row) => (
            <li key={row.tradeId} className="flex min-h-14 items-center justify-between gap-3 px-3 py-1.5">
              <KindLine href={`/c/${row.classId}`} names={row.names} icon={row.icon} rarity={row.rarity} />
              <span className="flex-none text-end leading-tight">
                <Yuan fen={row.priceFen} className="font-semibold" />
                {row.quantity > 1 ? <span className="num text-xs text-ink-3"> ×{row.quantity}</span> : null}
                <span className="block text-xs text-ink-3">
                  <Time at={row.at} />
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </HeldRows>
  );
}

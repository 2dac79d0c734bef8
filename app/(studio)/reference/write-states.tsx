'use client';
/** The states of a write in one picture (T-15); for those who cannot see it, the same as a list. */
import { useTranslations } from 'use-intl';

const WAY = ['accepted', 'sequenced', 'certified'] as const;
const STATES = [...WAY, 'rejected'] as const;
const BOX = { width: 96, height: 34 };
const xOf = (place: number): number => 4 + place * 132;

export function WriteStates() {
  const t = useTranslations('reference');
  return (
    <div className="space-y-3">
      <svg viewBox="0 0 372 128" className="w-full max-w-lg" aria-hidden="true">
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
            <path d="M0 0 8 4 0 8z" fill="var(--ink-3)" />
          </marker>
        </defs>
        {WAY.map((state, place) => (
          <Box key={state} x={xOf(place)} y={6} state={state} isEnd={state === 'certified'} />
        ))}
        {[0, 1].map((place) => (
          <line key={place} x1={xOf(place) + BOX.width} x2={xOf(place + 1)} y1={23} y2={23} stroke="var(--ink-3)" markerEnd="url(#arrow)" />
        ))}
        <Box x={xOf(1)} y={86} state="rejected" isEnd={false} />
        <path d={`M${xOf(0) + 48} 40V103H${xOf(1)}`} fill="none" stroke="var(--ink-3)" markerEnd="url(#arrow)" />
        <path d={`M${xOf(1) + 48} 40V86`} fill="none" stroke="var(--ink-3)" markerEnd="url(#arrow)" />
      </svg>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[13px]">
        {STATES.map((state) => (
          <div key={state} className="contents">
            <dt>
              <code>{state}</code>
            </dt>
            <dd className="text-ink-2">{t(`stateText.${state}`)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Box({ x, y, state, isEnd }: { readonly x: number; readonly y: number; readonly state: string; readonly isEnd: boolean }) {
  return (
    <g>
      <rect
        x={x}
        y={y}
        width={BOX.width}
        height={BOX.height}
        rx={6}
        fill={isEnd ? 'var(--green-soft)' : 'var(--sunk)'}
        stroke={state === 'rejected' ? 'var(--red)' : isEnd ? 'var(--green)' : 'var(--line-strong)'}
      />
      <text x={x + BOX.width / 2} y={y + 22} textAnchor="middle" fontSize={13} fill="var(--ink)">
        {state}
      </text>
    </g>
  );
}

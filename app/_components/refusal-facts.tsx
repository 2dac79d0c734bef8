'use client';
/** A refusal with what it names (place, value, the first trade that differs), for people who work with the rules themselves. */
import type { Refusal } from '#server/trpc/views.ts';
import { RefusalNote } from './refusal-note.tsx';

export function RefusalWithFacts({ refusal }: { readonly refusal: Refusal }) {
  const facts = Object.entries(refusal.facts ?? {});
  return (
    <RefusalNote refusal={refusal}>
      {facts.length === 0 ? null : (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-[13px]" data-testid="refusal-facts">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-3">{name}</dt>
              <dd className="break-all">
                <code>{value}</code>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </RefusalNote>
  );
}

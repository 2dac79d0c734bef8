'use client';
/** A sentence that names trades, items, cases or accounts: each shortened in the middle and, where a link may stand, leading there. */
import { Fragment } from 'react';
import { shortId } from '#app/_client/format.ts';
import { TextLink } from '#app/_components/ui.tsx';

const PLACES = { trd: 'trades', itm: 'items', alr: 'alerts', cas: 'cases' } as const;
const IDS = /\b((?:trd|itm|alr|cas)_[0-9a-f]{32}|[0-9a-f]{64})\b/;

const LINK = 'font-mono text-[0.92em] underline';

function hrefOf(id: string): string {
  const [kind] = id.split('_');
  return `/supervisor/${kind === 'trd' || kind === 'itm' || kind === 'alr' || kind === 'cas' ? PLACES[kind] : 'people'}/${id}`;
}

/** `isAlone`: figures and lists rather than a sentence, where each is large enough to be hit with a finger. */
export function LinkedText({ text, isAlone = false }: { readonly text: string; readonly isAlone?: boolean }) {
  return text.split(IDS).map((part, place) =>
    place % 2 === 0 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence never change places.
      <Fragment key={place}>{part}</Fragment>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above.
      <TextLink key={place} href={hrefOf(part)} className={isAlone ? `${LINK} inline-flex min-h-6 items-center` : LINK} title={part}>
        {shortId(part)}
      </TextLink>
    ),
  );
}

/** Inside of something that is a link itself. */
export const shortenIds = (text: string): string => text.replace(new RegExp(IDS, 'g'), (id) => shortId(id));

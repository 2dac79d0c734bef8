'use client';
/** A long list is drawn a screenful or two at a time: what is loaded already is there for search and sums, and drawn when it is asked for. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from './ui.tsx';

const STEP = 48;

type Pages = { readonly hasNextPage: boolean; readonly isFetchingNextPage: boolean; readonly fetchNextPage: () => Promise<unknown> };

const ALL: Pages = { hasNextPage: false, isFetchingNextPage: false, fetchNextPage: async () => undefined };

/** `pages`: all is loaded where none are given. `step`: how many more at a time. @returns the rows to draw, and the button for more of them: of the loaded ones first, then of the next page */
export function useMore<Row>(rows: readonly Row[], pages: Pages = ALL, step: number = STEP) {
  const t = useTranslations('panel');
  const [most, setMost] = useState(step);
  const hasMore = rows.length > most || pages.hasNextPage;
  const more = () => {
    setMost(most + step);
    if (rows.length < most + step && pages.hasNextPage) void pages.fetchNextPage();
  };
  const button = hasMore ? (
    <Button onClick={more} disabled={pages.isFetchingNextPage}>
      {t('more')}
    </Button>
  ) : null;
  return { drawn: rows.slice(0, most), button };
}

'use client';
/** A long list is drawn a screenful or two at a time: what is loaded already is there for search and sums, and drawn when it is asked for. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from './ui.tsx';

const STEP = 48;

type Pages = { readonly hasNextPage: boolean; readonly isFetchingNextPage: boolean; readonly fetchNextPage: () => Promise<unknown> };

/** @returns the rows to draw, and the button for more of them: of the loaded ones first, then of the next page */
export function useMore<Row>(rows: readonly Row[], pages: Pages) {
  const t = useTranslations('panel');
  const [most, setMost] = useState(STEP);
  const hasMore = rows.length > most || pages.hasNextPage;
  const more = () => {
    setMost(most + STEP);
    if (rows.length < most + STEP && pages.hasNextPage) void pages.fetchNextPage();
  };
  const button = hasMore ? (
    <Button onClick={more} disabled={pages.isFetchingNextPage}>
      {t('more')}
    </Button>
  ) : null;
  return { drawn: rows.slice(0, most), button };
}

'use client';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { useName } from '#app/_components/item-art.tsx';
import type { DetectorName } from '#server/trpc/views.ts';

const DETECTORS = [
  'CN-SV-01',
  'CN-SV-02',
  'CN-SV-03',
  'CN-SV-04',
  'CN-SV-05',
  'CN-SV-06',
  'CN-SV-07',
  'CN-SV-08',
  'CN-SV-09',
  'CN-SV-10',
  'CN-SV-11',
  'CN-SV-12',
  'CN-SV-13',
  'CN-SV-14',
  'CN-SV-15',
  'CN-SV-16',
  'CN-SV-17',
] as const satisfies readonly DetectorName[];

export function readDetector(text: string | null): DetectorName | undefined {
  return DETECTORS.find((id) => id === text);
}

export function DetectorSelect(props: { readonly value: DetectorName | undefined; readonly onChange: (value: string) => void }) {
  const t = useTranslations('alerts');
  const name = useName();
  // Numbers alone say nothing; the names are those of the detectors' own page.
  const { data } = useQuery({ queryKey: ['detectors'], queryFn: () => staffApi.alert.detectors(), staleTime: 60_000 });
  const titleOf = (id: DetectorName) => {
    const known = data?.detectors.find((each) => each.id === id);
    return known === undefined ? id : `${id} ${name(known.title)}`;
  };
  return (
    <select
      aria-label={t('filterDetector')}
      value={props.value ?? ''}
      onChange={(event) => props.onChange(event.target.value)}
      className="h-11 max-w-56 rounded-md border border-line-strong/70 bg-card px-2 text-sm sm:h-9"
    >
      <option value="">{t('everyDetector')}</option>
      {DETECTORS.map((id) => (
        <option key={id} value={id}>
          {titleOf(id)}
        </option>
      ))}
    </select>
  );
}

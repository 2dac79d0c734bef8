'use client';
/** What the feed is asked for (V-03). It stands in the address, so that it can be sent to a colleague and kept as a view. */
import { useSearchParams } from 'next/navigation';
import { useEffect, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, parseYuan, shortId } from '#app/_client/format.ts';
import { useName } from '#app/_components/item-art.tsx';
import type { FeedMessage } from '#server/realtime/events.ts';
import { type FeedFilter, flagsOf, peopleOf } from './feed-fields.ts';
import { type Choice, FeedPick, filterClass } from './feed-pick.tsx';
import { useFlagName, useTypeLabel } from './type-label.ts';
import type { useFeedGames } from './use-feed-games.ts';

const NAMES = ['type', 'flag', 'game', 'kind', 'person', 'min', 'max', 'q'] as const;
type Name = (typeof NAMES)[number] | 'pulse';

/** The newest address: what the router tells comes a little later, and two fields that change at once must not undo each other. */
const addressNow = () => new URLSearchParams(window.location.search);

export function useFilter() {
  const address = useSearchParams().toString();
  const [query, setQuery] = useState(address);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a view was chosen, or somebody went back.
  useEffect(() => setQuery(addressNow().toString()), [address]);
  const set = (name: Name, value: string) => {
    const next = addressNow();
    if (value === '') next.delete(name);
    else next.set(name, value);
    window.history.replaceState(null, '', next.size === 0 ? '/supervisor' : `/supervisor?${next.toString()}`);
    setQuery(next.toString());
  };
  const get = (name: Name) => new URLSearchParams(query).get(name) ?? '';
  const filter: FeedFilter = useMemo(() => {
    const now = new URLSearchParams(query);
    const text = (name: Name) => now.get(name) ?? '';
    return {
      type: text('type'),
      flag: text('flag'),
      game: text('game'),
      kind: text('kind'),
      person: text('person'),
      minFen: parseYuan(text('min')),
      maxFen: parseYuan(text('max')),
      text: text('q').trim().toLowerCase(),
      hasPulse: text('pulse') !== '',
    };
  }, [query]);
  const clear = () => {
    const next = addressNow();
    for (const name of NAMES) next.delete(name);
    window.history.replaceState(null, '', next.size === 0 ? '/supervisor' : `/supervisor?${next.toString()}`);
    setQuery(next.toString());
  };
  return { filter, get, query, set, clear, count: NAMES.filter((name) => get(name) !== '').length };
}

type Props = ReturnType<typeof useFilter> & {
  readonly messages: readonly FeedMessage[];
  readonly known: ReturnType<typeof useFeedGames>;
};

export function FeedFilters({ filter, get, set, messages, known }: Props) {
  const t = useTranslations('supervisor');
  const label = useTypeLabel();
  const flagName = useFlagName();
  const nameOf = useName();
  const types = useMemo(() => [...new Set(messages.map((message) => message.type))].sort(), [messages]);
  const flags = useMemo(() => [...new Set(messages.flatMap(flagsOf))].sort(), [messages]);
  const gameName = (gameId: string) => {
    const game = known.games.find((each) => each.gameId === gameId);
    return game === undefined ? gameId : nameOf(game.names);
  };
  const kindName = (classId: string) => {
    const names = known.kinds.get(classId);
    return names === undefined ? shortId(classId) : nameOf(names);
  };
  const kinds = (): readonly Choice[] =>
    [...known.kinds].map(([value, names]) => ({ value, label: nameOf(names) })).sort((a, b) => (a.label < b.label ? -1 : 1));
  const choice = (name: 'type' | 'flag' | 'game', title: string, values: readonly string[], word: (value: string) => string) => (
    <select
      aria-label={title}
      className={filterClass(filter[name] !== '')}
      value={filter[name]}
      onChange={(event) => set(name, event.target.value)}
    >
      <option value="">{title}</option>
      {[...new Set([...values, ...(filter[name] === '' ? [] : [filter[name]])])].map((value) => (
        <option key={value} value={value}>
          {word(value)}
        </option>
      ))}
    </select>
  );
  const written = (name: 'min' | 'max' | 'q', title: string, isWrong: boolean) => (
    <input
      aria-label={title}
      aria-invalid={isWrong || undefined}
      title={isWrong ? t('filterAmountMalformed') : undefined}
      placeholder={title}
      inputMode={name === 'q' ? 'text' : 'decimal'}
      value={get(name)}
      onChange={(event) => set(name, event.target.value)}
      className={`${filterClass(get(name) !== '')} num aria-invalid:border-red aria-invalid:text-red`}
    />
  );
  return (
    <>
      {choice('type', t('filterType'), types, label)}
      {choice('flag', t('filterFlag'), flags, flagName)}
      {choice(
        'game',
        t('filterGame'),
        known.games.map(({ gameId }) => gameId),
        gameName,
      )}
      <FeedPick label={t('filterKind')} value={filter.kind} labelOf={kindName} choices={kinds} onPick={(value) => set('kind', value)} />
      <FeedPick
        label={t('filterPerson')}
        value={filter.person}
        labelOf={(value) => shortId(value)}
        choices={() => peopleIn(messages)}
        accept={(text) => (/^[0-9a-f]{64}$/.test(text) ? text : null)}
        onPick={(value) => set('person', value)}
      />
      {written('min', t('filterMin'), get('min') !== '' && filter.minFen === null)}
      {written('max', t('filterMax'), get('max') !== '' && filter.maxFen === null)}
      {written('q', t('filterText'), false)}
    </>
  );
}

/** With how many messages name them, most first. */
function peopleIn(messages: readonly FeedMessage[]): readonly Choice[] {
  const counts = new Map<string, number>();
  for (const person of messages.flatMap(peopleOf)) counts.set(person, (counts.get(person) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([value, count]) => ({ value, label: shortId(value, 12, 6), note: formatCount(count) }));
}

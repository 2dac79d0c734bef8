/** Evidence that belongs together: what happens to the same subject again before a pause is one alert that grows, not many. */
import type { Listed } from './detector.ts';

/** References in the order in which they came, each once; only grows. */
export type Evidence = {
  readonly size: () => number;
  readonly has: (id: string) => boolean;
  readonly add: (id: string) => void;
  /** As it stands now. It is copied only when somebody reads it: an episode of thousands grows by one each time. */
  readonly now: () => Listed;
};

export type Episode = {
  /** Id of the first piece of evidence: names the episode for ever. */
  readonly anchor: string;
  readonly trades: Evidence;
  readonly accounts: Evidence;
  lastAt: number;
};

export type Episodes = {
  /** Adds evidence to the running episode of the subject, or begins one: named by its first trade, or else by `name`. */
  readonly extend: (subject: string, at: number, trades: readonly string[], accounts: readonly string[], name?: string) => Episode;
  /** The episode that evidence of this moment would be added to. */
  readonly find: (subject: string, at: number) => Episode | null;
};

export function createEvidence(): Evidence {
  const known = new Set<string>();
  const list: string[] = [];
  return {
    size: () => list.length,
    has: (id) => known.has(id),
    add: (id) => {
      if (known.has(id)) return;
      known.add(id);
      list.push(id);
    },
    now: () => {
      const count = list.length;
      return { size: count, list: () => list.slice(0, count) };
    },
  };
}

export function createEpisodes(pauseMs: number): Episodes {
  const running = new Map<string, Episode>();
  const find = (subject: string, at: number): Episode | null => {
    const known = running.get(subject);
    return known !== undefined && at - known.lastAt <= pauseMs ? known : null;
  };
  return {
    find,
    extend: (subject, at, trades, accounts, name = subject) => {
      const episode = find(subject, at) ?? {
        anchor: trades[0] ?? name,
        trades: createEvidence(),
        accounts: createEvidence(),
        lastAt: at,
      };
      for (const id of trades) episode.trades.add(id);
      for (const ref of accounts) episode.accounts.add(ref);
      episode.lastAt = at;
      running.set(subject, episode);
      return episode;
    },
  };
}

/** Evidence that belongs together: what happens to the same subject again before a pause is one alert that grows, not many. */

export type Episode = {
  /** Id of the first piece of evidence: names the episode for ever. */
  readonly anchor: string;
  readonly trades: Set<string>;
  readonly accounts: Set<string>;
  lastAt: number;
};

export type Episodes = {
  /** Adds evidence to the running episode of the subject, or begins one: named by its first trade, or else by `name`. */
  readonly extend: (subject: string, at: number, trades: readonly string[], accounts: readonly string[], name?: string) => Episode;
};

export function createEpisodes(pauseMs: number): Episodes {
  const running = new Map<string, Episode>();
  return {
    extend: (subject, at, trades, accounts, name = subject) => {
      const known = running.get(subject);
      const episode =
        known !== undefined && at - known.lastAt <= pauseMs
          ? known
          : { anchor: trades[0] ?? name, trades: new Set<string>(), accounts: new Set<string>(), lastAt: at };
      for (const id of trades) episode.trades.add(id);
      for (const ref of accounts) episode.accounts.add(ref);
      episode.lastAt = at;
      running.set(subject, episode);
      return episode;
    },
  };
}

/** The browser's one clock: it only shows ages and countdowns, closes the open keys and dates the window of what is signed here. Whether
 *  a quote or an order is still valid is the server's to say. A demonstration's market may be ahead of the machine (O-25): each answer of
 *  the server says how far. */
let offsetMs = 0;
const listeners = new Set<() => void>();

export const browserClock = {
  /** The market's time. */
  nowMs: (): number => Date.now() + offsetMs,
  /** For what must not jump: how long keys stay open, how long somebody waited. */
  machineMs: (): number => Date.now(),
  offsetMs: (): number => offsetMs,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** `header` of an answer; absent where the clock was never moved. */
export function followMarketClock(header: string | null): void {
  const told = header === null ? 0 : Number(header);
  if (!Number.isSafeInteger(told) || told === offsetMs) return;
  offsetMs = told;
  for (const listener of listeners) listener();
}

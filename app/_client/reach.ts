/** Whether the market answers. Requests and the feed tell it; what shows figures asks it, since nothing else could say that they no longer
 *  follow. */

/** What did not answer when it was last spoken to: requests, or a namespace of the feed. */
const silent = new Set<string>();
const listeners = new Set<() => void>();

export const reach = {
  answered: (way: string): void => {
    if (silent.delete(way)) tell();
  },
  fellSilent: (way: string): void => {
    if (silent.has(way)) return;
    silent.add(way);
    tell();
  },
  isWhole: (): boolean => silent.size === 0,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
} as const;

function tell(): void {
  for (const listener of listeners) listener();
}

/**
 * Size and root of the log that this browser has seen last, for the requests (`ledger.md` 14): sent once after each look, which is once a
 * page and then once a minute. Small, because every page loads it; looking and comparing is `kept-head.ts`, loaded on demand.
 */
let head: string | null = null;
const listeners = new Set<() => void>();

export const logHead = {
  /** What the next request carries; null: it was sent already. */
  due(): string | null {
    const text = head;
    head = null;
    return text;
  },
  saw(size: bigint, rootHex: string): void {
    head = `${size}-${rootHex}`;
  },
  /** The market says that its log is another one: time to look. */
  differs(): void {
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};

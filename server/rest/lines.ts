/** One at a time per key: whoever comes second waits for the first, whatever becomes of it. */
export type Lines = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function openLines(): Lines {
  const running = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = running.get(key) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    running.set(key, mine);
    try {
      return await mine;
    } finally {
      if (running.get(key) === mine) running.delete(key);
    }
  };
}

/** A timer for turns that may take longer than the time between them: while one is on its way no other is begun, so they never pile up. */

export type Ticking = { stop(): void };

/**
 * Does not keep the process alive. A turn that fails is told, and the next one tries again; one that never fails needs no `failed`.
 * Who stops it waits for the last turn himself.
 */
export function every(ms: number, turn: () => Promise<unknown>, failed?: (error: unknown) => void): Ticking {
  let isOnItsWay = false;
  const timer = setInterval(() => {
    if (isOnItsWay) return;
    isOnItsWay = true;
    void turn()
      .catch(failed)
      .finally(() => {
        isOnItsWay = false;
      });
  }, ms);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

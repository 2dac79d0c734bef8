/** Timers of the market's own work. */
import type { Log } from '#server/log.ts';

type Loop = { readonly everyMs: number; readonly name: string; readonly turn: () => Promise<void> };

/** Timers whose turns never overlap; a turn that fails is told and tried again at the next. */
export function createLoops({ log }: { readonly log: Log }, loops: readonly Loop[]) {
  const timers = new Set<NodeJS.Timeout>();
  const open = new Set<Promise<void>>();
  let isStopped = false;
  const run = (name: string, turn: () => Promise<void>) => {
    if (isStopped) return Promise.resolve();
    const done = turn()
      .catch((error: unknown) => {
        if (!isStopped) log.error({ error, name }, "a loop of the market couldn't finish its turn; the next turn tries again");
      })
      .finally(() => open.delete(done));
    open.add(done);
    return done;
  };
  const schedule = (loop: Loop) => {
    if (isStopped || loop.everyMs === 0) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void run(loop.name, loop.turn).then(() => schedule(loop));
    }, loop.everyMs);
    timers.add(timer);
  };
  return {
    run: (name: string, turn: () => Promise<void>) => void run(name, turn),
    start: () => {
      for (const loop of loops) schedule(loop);
    },
    stop: async () => {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(open);
    },
  };
}

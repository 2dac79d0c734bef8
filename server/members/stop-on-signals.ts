/** A clean end of a member's or a signer's program: one thing after the other, at most fifteen seconds. */
import type { Log } from '#server/log.ts';

const STOP_MS = 15_000;

export function stopOnSignals(log: Log, stops: readonly (() => Promise<void>)[]): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // On a terminal Ctrl-C reaches the members too; their program stops them in its own order.
      if (signal === 'SIGINT' && process.send !== undefined && process.connected) return;
      if (isStopping) return;
      isStopping = true;
      setTimeout(() => process.exit(1), STOP_MS).unref();
      const stopAll = async () => {
        for (const stop of stops) await stop();
      };
      stopAll().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ error }, "couldn't stop cleanly");
          process.exit(1);
        },
      );
    });
  }
}

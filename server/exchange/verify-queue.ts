/** Gathers the signatures of commands that arrive together into one request to the worker threads: sent one by one they would be
 *  verified in the thread that writes (measured: a third of a millisecond a trade). */
import type { LedgerNode, SignatureCheck } from '#ledger/node/ledger-node.ts';

export interface VerifyQueue {
  /** Whether every one of them verifies. */
  verify(checks: readonly SignatureCheck[]): Promise<boolean>;
}

type Waiting = {
  readonly checks: readonly SignatureCheck[];
  readonly resolve: (isValid: boolean) => void;
  readonly reject: (error: unknown) => void;
};

export function createVerifyQueue(ledger: Pick<LedgerNode, 'verifyMany'>): VerifyQueue {
  let waiting: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    // Whoever comes in this turn of the event loop, and while the workers are busy, shares one request.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await answer(batch);
    }
    isRunning = false;
  }

  async function answer(batch: readonly Waiting[]): Promise<void> {
    try {
      const valid = await ledger.verifyMany(batch.flatMap(({ checks }) => checks));
      let from = 0;
      for (const { checks, resolve } of batch) {
        resolve(valid.slice(from, from + checks.length).every(Boolean));
        from += checks.length;
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return {
    verify: (checks) =>
      new Promise((resolve, reject) => {
        waiting.push({ checks, resolve, reject });
        if (!isRunning) void run();
      }),
  };
}

/**
 * Orders of the member's own staff (`npm run cli -- seal`): they lie in the node's database, so that whoever may open it may give one, and
 * no door has to stand open for it. The Seal itself is the answer.
 */
import type postgres from 'postgres';
import { readSealOrder } from '../signer/signing-records.ts';

export interface OrderWatch {
  stop(): void;
}

const POLL_MS = 1000;
/** A member that is behind or abstains refuses now and may seal later: the order is given again. */
const AGAIN_POLLS = 5;

export function watchSealOrders(sql: postgres.Sql, onOrder: (newEpoch: number) => void): OrderWatch {
  let given = { newEpoch: 0, polls: 0 };
  let isLooking = false;
  const look = async (): Promise<void> => {
    const newEpoch = await readSealOrder(sql);
    if (newEpoch === null) return;
    const polls = given.newEpoch === newEpoch ? given.polls + 1 : 0;
    given = { newEpoch, polls };
    if (polls % AGAIN_POLLS === 0) onOrder(newEpoch);
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look().then(
      () => {
        isLooking = false;
      },
      () => {
        // The database is away: whatever needs it says so.
        isLooking = false;
      },
    );
  }, POLL_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

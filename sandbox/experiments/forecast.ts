/** When a cap will be full if it goes on as it did: a straight line through the run so far. A forecast, and it says when it has none. */
import { type Instant, instant } from '#ledger/primitives/instant.ts';

export type Burn = { readonly used: bigint; readonly limit: bigint; readonly since: Instant; readonly now: Instant };

const DAY_MS = 86_400_000n;
/** Less than a day says nothing about a pace. */
const SHORTEST_MS = DAY_MS;
const FURTHEST_MS = 3650n * DAY_MS;

/** `null`: not within ten years, or too early to say. */
export function exhaustedAt({ used, limit, since, now }: Burn): Instant | null {
  if (used >= limit) return now;
  const passed = BigInt(now) - BigInt(since);
  if (used <= 0n || passed < SHORTEST_MS) return null;
  const rest = ((limit - used) * passed + used - 1n) / used;
  return rest > FURTHEST_MS ? null : instant(now + Number(rest));
}

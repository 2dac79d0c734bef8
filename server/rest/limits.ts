/** Rate limits of the REST API (product 2.2, table), per studio or, without a key, per address. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from './authenticate.ts';

/** Calls a minute. */
export const LIMITS = {
  public: { standard: 60, partner: 60 },
  read: { standard: 600, partner: 3000 },
  write: { standard: 120, partner: 600 },
} as const;

type Access = keyof typeof LIMITS;

export type LimitState = { readonly policy: string; readonly state: string; readonly retryAfterSeconds: number | null };

export interface RestLimits {
  /** Counts one call. A limit that is reached is told in `retryAfterSeconds`, `null` before. */
  take(access: Access, caller: Caller, address: string): Promise<LimitState>;
}

export function openRestLimits(): RestLimits {
  const limiters = new Map<string, RateLimiterMemory>();
  const limiterOf = (access: Access, tier: Caller['tier']): RateLimiterMemory => {
    const key = `${access}:${tier}`;
    const known = limiters.get(key);
    if (known !== undefined) return known;
    const made = new RateLimiterMemory({ keyPrefix: key, points: LIMITS[access][tier], duration: 60 });
    limiters.set(key, made);
    return made;
  };
  return {
    take: async (access, caller, address) => {
      const points = LIMITS[access][caller.tier];
      const policy = `"${access}";q=${points};w=60`;
      try {
        const left = await limiterOf(access, caller.tier).consume(access === 'public' ? address : caller.acct);
        return { policy, state: `"${access}";r=${left.remainingPoints};t=${Math.ceil(left.msBeforeNext / 1000)}`, retryAfterSeconds: null };
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
        return { policy, state: `"${access}";r=0;t=${seconds}`, retryAfterSeconds: seconds };
      }
    },
  };
}

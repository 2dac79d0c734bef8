/** Limits of the pages' procedures (product 1.5): per account, without sign-in per address; each procedure counts for itself. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

type Limit = { readonly points: number; readonly seconds: number };
type Group = { readonly name: string; readonly matches: RegExp; readonly signedIn: Limit; readonly open: Limit };

const perMinute = (points: number): Limit => ({ points, seconds: 60 });

/** The first that matches. */
const GROUPS: readonly Group[] = [
  { name: 'code', matches: /^account\.requestCode$/, signedIn: perMinute(10), open: perMinute(10) },
  { name: 'join', matches: /^account\.(?:verifyIdentity|register)$/, signedIn: perMinute(20), open: perMinute(20) },
  { name: 'sign-in', matches: /^(?:session|staff)\.(?:challenge|signIn)$/, signedIn: perMinute(60), open: perMinute(60) },
  {
    name: 'money',
    matches: /^(?:money\.(?:deposit|withdraw)|account\.(?:bindCard|checkEnhanced|checkSeller)|checkout\.pay)$/,
    signedIn: perMinute(10),
    open: perMinute(10),
  },
  { name: 'evidence', matches: /^(?:evidence\.export|myData\.(?:export|clear|close))$/, signedIn: perMinute(10), open: perMinute(10) },
  {
    name: 'claim',
    matches: /^(?:claim\.(?:open|declareTakeover|answer|appeal|accept|withdraw)|desk\.(?:report|swearTheft)|objection\.open)$/,
    signedIn: perMinute(10),
    open: perMinute(10),
  },
  // 60 a minute, 20 of them at once.
  {
    name: 'order',
    matches:
      /^(?:order\.(?:place|placeMany|replace|cancel|cancelMany)|listing\.replace|gift\.(?:sendMany|accept|end)|offer\.(?:place|counter|accept|withdraw|allow))$/,
    signedIn: { points: 20, seconds: 20 },
    open: perMinute(10),
  },
  { name: 'read', matches: /./, signedIn: perMinute(300), open: perMinute(60) },
];

export interface RateLimits {
  /** Takes one call. @returns `null`, or the seconds to wait */
  take(procedure: string, caller: { readonly acct: string | null; readonly address: string }): Promise<number | null>;
}

/** `scale` widens every limit: a bench or a browser journey speaks for many people from one address. */
export function openRateLimits(scale = 1): RateLimits {
  const limiters = new Map<string, RateLimiterMemory>();
  const limiterOf = (key: string, { points, seconds }: Limit): RateLimiterMemory => {
    const known = limiters.get(key);
    if (known !== undefined) return known;
    const made = new RateLimiterMemory({ keyPrefix: key, points: points * scale, duration: seconds });
    limiters.set(key, made);
    return made;
  };
  return {
    take: async (procedure, { acct, address }) => {
      const group = GROUPS.find(({ matches }) => matches.test(procedure));
      if (group === undefined) return null;
      const limiter = limiterOf(`${group.name}:${acct === null ? 'open' : 'signed'}`, acct === null ? group.open : group.signedIn);
      try {
        await limiter.consume(`${procedure} ${acct ?? address}`);
        return null;
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      }
    },
  };
}

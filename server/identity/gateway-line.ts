/**
 * The way to an outside party that knows people or reaches their phones: HTTPS POST of JSON, the body under HMAC-SM3 with a secret that both
 * hold, in bounded time. What is asked again has the same request id, so that the party does it once. Bodies hold phone numbers, codes and
 * names: none of them is ever logged, nor is what the party answers beside its outcome.
 */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { Clock } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { Random } from '#server/random.ts';

export type GatewaySetting = {
  readonly url: string;
  readonly secret: string;
};

export type GatewayGround = {
  readonly setting: GatewaySetting;
  /** What it is called in the log. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of one try, and before the second; tests take less. */
  readonly patience?: { readonly timeoutMs: number; readonly pauseMs: number };
};

const PATIENCE = { timeoutMs: 4_000, pauseMs: 300 };
const TRIES = 3;
const MAX_ANSWER = 65_536;
/** They pass by themselves; any other status below 500 is an answer that will not change. */
const TRANSIENT = new Set([408, 425, 429]);

const answer = z.object({ outcome: z.string().max(40) });

export interface GatewayLine {
  /** One of `outcomes`; null: it gave none of them in time. */
  ask<Outcome extends string>(body: Readonly<Record<string, unknown>>, outcomes: readonly Outcome[]): Promise<Outcome | null>;
}

export function openGatewayLine({ setting, name, clock, random, log, patience = PATIENCE }: GatewayGround): GatewayLine {
  return {
    ask: async (body, outcomes) => {
      const requestId = toHex(random.bytes(16));
      const text = JSON.stringify(body);
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        const given = await post({ setting, requestId, text, timestamp: String(clock.now()), timeoutMs: patience.timeoutMs });
        const outcome = given.kind === 'answer' ? (outcomes.find((each) => each === given.outcome) ?? null) : null;
        if (outcome !== null) return outcome;
        // No word of the body, and none of the party's: either could repeat a code or a name.
        log.warn(
          { gateway: name, requestId, attempt, fault: given.kind === 'answer' ? 'outcome_unknown' : given.fault },
          'a gateway gave no answer that counts',
        );
        if (given.kind === 'answer' || !given.isTransient) return null;
        if (attempt < TRIES) await sleep(patience.pauseMs * attempt);
      }
      return null;
    },
  };
}

type Given =
  | { readonly kind: 'answer'; readonly outcome: string }
  | { readonly kind: 'fault'; readonly fault: string; readonly isTransient: boolean };

async function post(request: {
  readonly setting: GatewaySetting;
  readonly requestId: string;
  readonly text: string;
  readonly timestamp: string;
  readonly timeoutMs: number;
}): Promise<Given> {
  const { setting, requestId, text, timestamp, timeoutMs } = request;
  try {
    const response = await fetch(setting.url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json',
        'x-daoju-request-id': requestId,
        'x-daoju-timestamp': timestamp,
        'x-daoju-signature': `hmac-sm3=${gatewaySignature(setting.secret, { timestamp, requestId, text })}`,
      },
      body: text,
    });
    const answered = await response.text();
    if (response.status !== 200)
      return { kind: 'fault', fault: `status_${response.status}`, isTransient: response.status >= 500 || TRANSIENT.has(response.status) };
    const parsed = answered.length > MAX_ANSWER ? null : answer.safeParse(JSON.parse(answered));
    return parsed?.success === true
      ? { kind: 'answer', outcome: parsed.data.outcome }
      : { kind: 'fault', fault: 'answer_malformed', isTransient: false };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'fault', fault: 'answer_malformed', isTransient: false };
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { kind: 'fault', fault: isLate ? 'timeout' : 'unreachable', isTransient: true };
  }
}

/** What the party recomputes: `printf '%s' "$timestamp.$requestId.$body" | openssl dgst -sm3 -hmac "$secret"`. */
export const gatewaySignature = (
  secret: string,
  { timestamp, requestId, text }: { readonly timestamp: string; readonly requestId: string; readonly text: string },
): string => createHmac('sm3', secret).update(`${timestamp}.${requestId}.${text}`).digest('hex');

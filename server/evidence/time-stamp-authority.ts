/**
 * What we ask of a time-stamp authority (RFC 3161, GM/T 0033): a token over a hash. A real one lies outside the operator and is asked over
 * HTTP with the same bytes. Behind the interface stands a simulated one with its own key, certificate and books; every place says so.
 */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { makeTimeStampResponse, parseTimeStampRequest, rejectTimeStamp } from '#ledger/pki/time-stamp.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { insertToken } from './evidence.repo.ts';

export interface TimeStampAuthority {
  readonly name: string;
  readonly isSimulated: boolean;
  /** DER of a TimeStampReq to DER of a TimeStampResp. @throws {Error} when nobody answers */
  stamp(request: Bytes): Promise<Bytes>;
}

export type StamperKey = { readonly privateKey: Uint8Array; readonly certificate: Uint8Array };
export type SimulatedStamper = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly sm2: Sm2;
  /** Its key and the certificate it has now. */
  readonly key: () => StamperKey;
  /** Faults of the outside: `silent` answers nobody, `rejecting` refuses. */
  readonly fault?: () => 'none' | 'silent' | 'rejecting';
};

/** Under the arc for examples (2.999): no organisation registered a policy for it. */
const POLICY = '2.999.1.1';

export function simulatedTimeStampAuthority({ sql, clock, sm2, key, fault = () => 'none' }: SimulatedStamper): TimeStampAuthority {
  return {
    name: 'Simulated time stamp authority',
    isSimulated: true,
    stamp: async (request) => {
      const state = fault();
      if (state === 'silent') throw new Error('the time-stamp authority does not answer');
      const wanted = readRequest(request);
      if (state === 'rejecting' || wanted === null) return rejectTimeStamp();
      const now = clock.now();
      // RFC 3161 allows whole seconds; a token must not be younger than its moment.
      const genTime = instant(now - (now % 1000));
      const serial = await insertToken(sql, wanted.imprint, genTime);
      return makeTimeStampResponse(sm2, { ...wanted, policy: POLICY, serial, genTime, ...key() });
    },
  };
}

function readRequest(request: Bytes) {
  try {
    return parseTimeStampRequest(request);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

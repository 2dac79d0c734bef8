/** What one call to a procedure knows: the services, who calls, and the id that the caller can quote. */
import type { TraceId } from '#ledger/primitives/ids.ts';
import type { Services } from '#server/context.ts';
import type { PlayerSession, StaffSession } from '#server/identity/identity.ts';

export type CookieName = 'daoju_session' | 'daoju_staff' | 'daoju_device';

export interface CallContext {
  readonly services: Services;
  readonly traceId: TraceId;
  readonly playerSession: PlayerSession | null;
  readonly staffSession: StaffSession | null;
  /** Of the connection, never of a header that anybody can write. */
  readonly address: string;
  /** Short text from the user agent, for the list of sessions. */
  readonly device: string;
  /** Of the browser's cookie, or drawn for it. */
  readonly deviceId: string;
  /** Takes one call of the procedure's limit. @returns `null`, or the seconds to wait */
  takeCall(procedure: string): Promise<number | null>;
  /** httpOnly, SameSite=Strict; `null` removes the cookie. */
  setCookie(name: CookieName, value: string | null, maxAgeSeconds: number): void;
}

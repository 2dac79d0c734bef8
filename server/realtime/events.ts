/** The types of the feed (product V-25), shared by server and pages. */
import { z } from 'zod';
import type { FeedHead, FeedMessage } from '#server/outbox/message.ts';

export type { FeedHead, FeedMessage } from '#server/outbox/message.ts';

export const NAMESPACES = ['/market', '/player', '/studio', '/supervisor'] as const;
export type Namespace = (typeof NAMESPACES)[number];

/** Messages `fromSeq` to `toSeq` without a gap. Delivered at least once: a client drops what it has, and answers with `toSeq`. */
export type FeedBatch = {
  readonly room: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly messages: readonly FeedMessage[];
};

export type JoinRequest = {
  readonly room: string;
  /** The last number the client has; 0 for everything, -1 for what comes from now on. */
  readonly afterSeq: number;
  /** At most this many of what follows, up to the newest: a screen begins with the end of a long room and pages back. */
  readonly newest?: number;
};
export const JOIN_REFUSALS = [
  'join_malformed',
  'room_unknown',
  'room_forbidden',
  'sign_in_required',
  'too_many_rooms',
  'seq_ahead',
] as const;
export type JoinAnswer =
  | {
      readonly ok: true;
      readonly room: string;
      /** Delivery begins behind this number. */
      readonly afterSeq: number;
      readonly headSeq: number;
      readonly signedHead: FeedHead | null;
      readonly keyId: string;
      /** 64 bytes in hex: verifies `sig` of heads; compare it with the operator's account on the ledger. */
      readonly publicKey: string;
    }
  | { readonly ok: false; readonly code: (typeof JOIN_REFUSALS)[number] };

const count = z.int().min(0);
/** `import.progress` in a studio's room. Pages take the type alone. */
export const importProgressBody = z.strictObject({
  jobId: z.string().regex(/^job_[0-9a-f]{32}$/),
  state: z.enum(['queued', 'running', 'paused', 'finished', 'failed']),
  /** Rows that have their place or were refused. */
  done: count,
  total: count,
  certified: count,
  rejected: count,
  perMinute: count,
  /** Null: it stands still, or nobody can say. */
  etaSeconds: count.nullable(),
});
export type ImportProgressBody = z.infer<typeof importProgressBody>;

export interface ClientToServer {
  join: (request: JoinRequest, answer: (joined: JoinAnswer) => void) => void;
  leave: (request: { readonly room: string }) => void;
}
export interface ServerToClient {
  /** The client acknowledges with `toSeq`. Of a kept room the next batch follows then; market data (`class:`) does not wait. */
  'feed.batch': (batch: FeedBatch, acknowledge: (toSeq: number) => void) => void;
  'feed.head': (head: FeedHead) => void;
  /** The session ended: what was allowed is not any more. */
  'feed.closed': (reason: { readonly code: string }) => void;
}

/** What the program and the members it started say to each other, each a line of JSON over the channel of their processes. */
import { z } from 'zod';

const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);
const endpoints = z.record(z.string().regex(/^\d+$/), z.url());

const fromParent = z.discriminatedUnion('kind', [
  /** Make keys and say who you are. `certifiedAt`: time of genesis, for the certificate of the node. */
  z.object({
    kind: z.literal('introduce'),
    certifiedAt: z.number(),
    databaseUrl: z.string().nullable(),
    orderingUrl: z.string(),
    clockOffsetMs: z.number().int().min(0),
  }),
  /** The chain to belong to, and where the others answer. */
  z.object({ kind: z.literal('join'), genesis: hex, endpoints }),
  /** Somebody came back at another address. */
  z.object({ kind: z.literal('endpoints'), endpoints }),
  /** A demonstration's business time, ahead of the machine's. */
  z.object({ kind: z.literal('clock'), offsetMs: z.number().int().min(0) }),
]);
export type FromParent = z.infer<typeof fromParent>;

const fromMember = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('introduction'), member: hex, endpoint: z.url() }),
  z.object({ kind: z.literal('joined') }),
  z.object({ kind: z.literal('clock_moved'), offsetMs: z.number().int().min(0) }),
]);
export type FromMember = z.infer<typeof fromMember>;

export const parseFromParent = (message: unknown): FromParent => fromParent.parse(message);
export const parseFromMember = (message: unknown): FromMember => fromMember.parse(message);

/**
 * Where a member finds the others and the ordering engine. Addresses in the configuration on the ledger are what is published; a site
 * may know better: loopback ports change with every start.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type MemberRecord, parseMemberRecord } from '#ledger/block/member-record.ts';
import type { ConsortiumConfig, Member } from '#ledger/codec/config.ts';
import { openEtcdEngine } from '#ledger/node/engines/etcd-engine.ts';
import type { OrderingEngine } from '#ledger/node/engines/ordering-engine.ts';
import { openPgEngine } from '#ledger/node/engines/pg-engine.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { openDatabase } from '#server/db.ts';

const site = z.object({
  /** Id of this node among the members. */
  member: z.number().int().min(1).max(65_535),
  /** Base address of each member's node, by id. */
  endpoints: z.record(z.string().regex(/^\d+$/), z.url()),
  /** `postgres://…`, or `etcd:` and the addresses of its nodes, separated by commas. */
  ordering: z.string().regex(/^(?:postgres(?:ql)?:\/\/|etcd:http)/),
  /** The other members of a chain that begins now: what `cli -- config record` wrote, or PCE of the Member in hex. */
  founders: z
    .array(z.union([z.string(), z.strictObject({ member: z.string(), policy: z.string(), accountOpen: z.string().nullable() })]))
    .default([]),
  /** How this node fills an empty database: every block from genesis on, or a snapshot of another member, verified, and the blocks since. */
  catchUp: z.enum(['audit', 'snapshot']).default('audit'),
  /** The process that holds this member's node key, and the public half it must answer with; left out: the key lies in a file beside the node. */
  signer: z.strictObject({ url: z.url({ protocol: /^https?$/ }), key: z.string().regex(/^[0-9a-f]{128}$/) }).optional(),
});
export type SiteFile = z.infer<typeof site>;

/** @throws {Error} with a sentence per wrong field */
export function readSite(file: string): SiteFile {
  const parsed = site.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

export const foundersOf = ({ founders }: SiteFile): readonly MemberRecord[] =>
  founders
    .map((each) => parseMemberRecord(typeof each === 'string' ? each : JSON.stringify(each)))
    .sort((a, b) => a.member.id - b.member.id);

/** The address that this site knows, else the one that the member published. */
export function endpointIn(endpoints: Readonly<Record<string, string>>, member: Member): string | null {
  return endpoints[String(member.id)] ?? (member.endpoint === '' ? null : member.endpoint);
}

/** Slots of two chains never meet: a chain's id is part of every key, and in PostgreSQL of the database's name. */
export async function openOrdering(ordering: string, chain: Uint8Array, config: ConsortiumConfig): Promise<OrderingEngine> {
  if (ordering.startsWith('etcd:')) {
    // A new engine after a recovery may be the same cluster: it must not show what the old one held.
    const era = toHex(config.ordering.params).slice(0, 32);
    return openEtcdEngine({ endpoints: ordering.slice('etcd:'.length).split(','), prefix: `/daoju/${toHex(chain)}/${era}` });
  }
  return openPgEngine(openDatabase(ordering, { max: 3, applicationName: 'daoju-ordering' }));
}

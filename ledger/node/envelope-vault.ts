/**
 * Envelopes of this node (`ledger.md` 15.2): seals the opened fields of Trades for supervisors and parties, grants each recipient its
 * key of the period once, and stores both. The granted keys follow from the node's encryption key, so that no list of secrets exists.
 */
import type postgres from 'postgres';
import { type ConsortiumConfig, type Member, ROLE } from '#ledger/codec/config.ts';
import { envHash, type GrantedKey, sealEnvelope } from '#ledger/crypto/envelope.ts';
import {
  AUDIENCE,
  type Disclosure,
  encodeEnvelope,
  encodeKeyGrant,
  type Recipient,
  type SignedKeyGrant,
} from '#ledger/crypto/envelope-codec.ts';
import { grantKey } from '#ledger/crypto/key-grant.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { hmacSm3, sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, concat, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { StateView } from '#ledger/state/view.ts';
import { insertEnvelopes, insertGrants, memberRecipient, readEnvelope, readGrants } from './store/envelopes.ts';

const DAY_MS = 86_400_000n;
/** A supervisor's key changes every day, a player's every quarter. */
const SUPERVISOR_PERIOD_MS = DAY_MS;
const PARTY_PERIOD_MS = 91n * DAY_MS;

export interface EnvelopeInput {
  /** tradeId, or the salt of the LedgerTx. */
  readonly ref: Bytes;
  /** Everything open. */
  readonly supervisors: readonly Disclosure[];
  /** Own side open; null when there is no such party. */
  readonly seller: { readonly acct: Bytes; readonly disclosures: readonly Disclosure[] } | null;
  readonly buyer: { readonly acct: Bytes; readonly disclosures: readonly Disclosure[] } | null;
}

export interface SealedEnvelope {
  /** What `env` of the LedgerTx says. */
  readonly hash: Bytes;
  readonly ref: Bytes;
  readonly bytes: Bytes;
}

export interface EnvelopeVault {
  /** One envelope per input, in order. An account without `encKey` gets no part: nobody could open it. */
  seal(inputs: readonly EnvelopeInput[], now: bigint): readonly SealedEnvelope[];
  /** Stores envelopes and the grants that they need. On disk when the caller's database transaction is. */
  persist(tx: postgres.TransactionSql, sealed: readonly SealedEnvelope[]): Promise<void>;
  read(hash: Bytes): Promise<Bytes | null>;
  /** PCE of the KeyGrants of an account and their signatures, newest first. */
  grantsOf(acct: Bytes): Promise<readonly { readonly grant: Bytes; readonly sig: Bytes }[]>;
}

export interface VaultOptions {
  readonly sql: postgres.Sql;
  readonly chain: Bytes;
  readonly state: StateView;
  readonly config: () => Pick<ConsortiumConfig, 'agents' | 'members'>;
  readonly sm2: Sm2;
  readonly random: (length: number) => Bytes;
  readonly nodePrivateKey: Bytes;
  readonly encryptionPrivateKey: Bytes;
  readonly member: number;
}

interface GrantTo {
  /** As the table of grants knows the recipient. */
  readonly place: Bytes;
  readonly recipient: Recipient;
  readonly encKey: Bytes;
}

interface Granted extends GrantedKey {
  readonly acct: Bytes;
  readonly signed: SignedKeyGrant;
  /** Database transactions that were given the grant to store. */
  stored: number;
}

/**
 * A grant goes along with this many database transactions: whether one of them commits is not known here, and storing it again
 * changes nothing. Should all of them fail, the next start grants the same key anew.
 */
const STORE_TIMES = 3;

export function openVault(options: VaultOptions): EnvelopeVault {
  const { sql, chain, random } = options;
  const master = hmacSm3(options.encryptionPrivateKey, utf8('daoju envelope keys'));
  const known = new Map<string, Granted>();

  const keyFor = (acct: Bytes, period: bigint, now: bigint): readonly GrantedKey[] => {
    const account = options.state.accountById(acct);
    const encKey = account === null ? null : (options.state.policyByHash(account.policy)?.encKey ?? null);
    if (encKey === null) return [];
    return [keyOf({ place: acct, recipient: { kind: 'account', acct }, encKey }, period, now)];
  };

  /** Another member that supervises has a node of its own, which opens envelopes before it endorses. */
  const keyForMember = ({ id, encPub }: Member, now: bigint): GrantedKey =>
    keyOf({ place: memberRecipient(id), recipient: { kind: 'member', member: id }, encKey: encPub }, SUPERVISOR_PERIOD_MS, now);

  const keyOf = (to: GrantTo, period: bigint, now: bigint): GrantedKey => {
    const from = (now / period) * period;
    const name = `${toHex(to.place)}:${toHex(to.encKey)}:${from}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const granted = grant(to, from, from + period);
    known.set(name, granted);
    return granted;
  };

  const grant = ({ place: acct, recipient, encKey }: GrantTo, from: bigint, until: bigint): Granted => {
    const bounds = new Uint8Array(16);
    new DataView(bounds.buffer).setBigUint64(0, from, true);
    new DataView(bounds.buffer).setBigUint64(8, until, true);
    const place = concat(chain, acct, encKey, bounds);
    const kid = sm3(place).slice(0, 8);
    const key = hmacSm3(master, place);
    const input = {
      chain,
      kid,
      issuer: options.member,
      recipient,
      from,
      until,
      key,
      recipientKey: encKey,
      issuerPrivateKey: options.nodePrivateKey,
    };
    return { acct, kid, key, signed: grantKey(options.sm2, input, random), stored: 0 };
  };

  const sealOne = (input: EnvelopeInput, now: bigint): SealedEnvelope => {
    const { agents, members } = options.config();
    const isSupervisor = ({ role }: { readonly role: number }) => role === ROLE.supervisor;
    const parts = [
      {
        audience: AUDIENCE.supervisors,
        recipients: [
          ...agents.filter(isSupervisor).flatMap(({ acct }) => keyFor(acct, SUPERVISOR_PERIOD_MS, now)),
          ...members.filter((member) => isSupervisor(member) && member.id !== options.member).map((member) => keyForMember(member, now)),
        ],
        disclosures: input.supervisors,
      },
      ...[
        { audience: AUDIENCE.seller, party: input.seller },
        { audience: AUDIENCE.buyer, party: input.buyer },
      ].flatMap(({ audience, party }) =>
        party === null ? [] : [{ audience, recipients: keyFor(party.acct, PARTY_PERIOD_MS, now), disclosures: party.disclosures }],
      ),
    ].filter((part) => part.recipients.length > 0);
    const envelope = sealEnvelope({ chain, ref: input.ref, parts }, random);
    return { hash: envHash(envelope), ref: input.ref, bytes: encodeEnvelope(envelope) };
  };

  return {
    seal: (inputs, now) => inputs.map((input) => sealOne(input, now)),
    persist: async (tx, sealed) => {
      const grants = [...known.values()].filter((granted) => granted.stored < STORE_TIMES);
      for (const granted of grants) granted.stored += 1;
      const rows = grants.map(({ acct, signed }) => ({ ...signed.grant, acct, body: encodeKeyGrant(signed.grant), sig: signed.sig }));
      await Promise.all([insertGrants(tx, rows), insertEnvelopes(tx, sealed)]);
    },
    read: (hash) => readEnvelope(sql, hash),
    grantsOf: (acct) => readGrants(sql, acct),
  };
}

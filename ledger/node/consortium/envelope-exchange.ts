/**
 * Envelopes and key grants between members (`ledger.md` 15.2): the operator pushes each envelope to every supervisor member as its
 * LedgerTx is sequenced, so that it is opened before the proposal arrives; what comes in is stored under its hash.
 */
import { ROLE } from '#ledger/codec/config.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import type { PeerBody } from '#ledger/codec/peer-body.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { envHash } from '#ledger/crypto/envelope.ts';
import { decodeEnvelope, decodeSignedKeyGrant, encodeKeyGrant } from '#ledger/crypto/envelope-codec.ts';
import { verifyGrant } from '#ledger/crypto/key-grant.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, concat, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import { insertEnvelopes, insertGrants, memberRecipient, readEnvelopes, readGrants } from '../store/envelopes.ts';
import { envelopeOf, identityOf } from './prepare-checks.ts';

/** The newest of a recipient: that of today and that of yesterday. */
const GRANTS_PUSHED = 2;

export interface ExchangeOptions {
  readonly chain: CertifiedChain;
  readonly self: number;
  readonly sm2: Sm2;
  readonly send: (to: readonly number[], body: PeerBody) => void;
}

export class EnvelopeExchange {
  readonly #options: ExchangeOptions;
  /** Grants that a recipient was sent, by member and kid. */
  readonly #pushed = new Set<string>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** To every supervisor member but this one. */
  async push(envs: readonly TxEnv[]): Promise<void> {
    const { chain, self, send } = this.#options;
    const supervisors = chain.config.members
      .filter((member) => member.role === ROLE.supervisor && member.id !== self)
      .map((member) => member.id);
    const hashes = envs.flatMap((env) => [...envelopeOf(env.body.op), ...identityOf(env.body.op)]);
    if (supervisors.length === 0 || hashes.length === 0) return;
    for (const member of supervisors) await this.#pushGrants(member);
    for (const bytes of (await readEnvelopes(chain.sql, hashes)).values()) send(supervisors, { kind: 'envelope', bytes });
  }

  /** What another member pushed. @throws {ParseError} */
  async take(from: number, body: Extract<PeerBody, { kind: 'envelope' | 'grant' }>): Promise<void> {
    if (body.kind === 'envelope') return this.#takeEnvelope(body.bytes);
    return this.#takeGrant(from, body.bytes);
  }

  /** It lacks something: its keys are sent again too. */
  forget(member: number): void {
    for (const key of this.#pushed) if (key.startsWith(`${member}:`)) this.#pushed.delete(key);
  }

  async #pushGrants(member: number): Promise<void> {
    const { chain, send } = this.#options;
    const grants = await readGrants(chain.sql, memberRecipient(member));
    for (const { grant, sig } of grants.slice(0, GRANTS_PUSHED)) {
      const key = `${member}:${toHex(sig)}`;
      if (this.#pushed.has(key)) continue;
      this.#pushed.add(key);
      send([member], { kind: 'grant', bytes: concat(grant, sig) });
    }
  }

  async #takeEnvelope(bytes: Bytes): Promise<void> {
    const { chain } = this.#options;
    const envelope = decodeEnvelope(bytes);
    if (!equalBytes(envelope.chain, chain.chain)) return;
    const hash = envHash(envelope);
    // Sent late, or again: what was destroyed does not come back.
    if (chain.state.record(RECORD.erased, hash) !== null) return;
    await chain.sql.begin((tx) => insertEnvelopes(tx, [{ hash, ref: envelope.ref, bytes }]));
  }

  async #takeGrant(from: number, bytes: Bytes): Promise<void> {
    const { chain, sm2, self } = this.#options;
    const signed = decodeSignedKeyGrant(bytes);
    const { grant, sig } = signed;
    const issuer = chain.config.members.find((member) => member.id === grant.issuer);
    if (grant.issuer !== from || issuer === undefined || !verifyGrant(sm2, issuer.pub, signed)) return;
    if (grant.recipient.kind !== 'member' || grant.recipient.member !== self) return;
    const row = { kid: grant.kid, acct: memberRecipient(self), from: grant.from, until: grant.until, body: encodeKeyGrant(grant), sig };
    await chain.sql.begin((tx) => insertGrants(tx, [row]));
  }
}

/** Four members (sometimes five), an engine, a network, clients, and staff that act when the consortium can't go on by itself. */

import { draftRecovery, highestReported, highestTip, recoveryApproval, withApproval } from '#ledger/block/recovery.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { decodeSignedVote } from '#ledger/codec/evidence.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import type { PeerBody } from '#ledger/codec/peer-body.ts';
import type { SignedSeal } from '#ledger/codec/recovery.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import type { MemberState } from '#ledger/node/reducer/state.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { EVIDENCE } from '#ledger/state/evidence.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { configHash, headerHash } from '#ledger/tx/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { actor, bytes32, defineClass, type Name } from '#test/vectors/ledger-world.ts';
import { Chance } from './chance.ts';
import { FIRST_MEMBERS, FOUNDING, governanceKey, nameOf, PLAYERS, simSm2 } from './founding.ts';
import { demand, Monitor } from './monitor.ts';
import type { SimDisk } from './sim-disk.ts';
import { SimEngine } from './sim-engine.ts';
import { SimMember } from './sim-member.ts';
import { SimNetwork } from './sim-network.ts';
import { Timeline } from './timeline.ts';

export type MakeMember = (world: World, id: number) => SimMember;

export class World {
  readonly chance: Chance;
  readonly timeline = new Timeline();
  readonly monitor = new Monitor();
  readonly network: SimNetwork;
  engine: SimEngine;
  readonly members = new Map<number, SimMember>();
  /** Members that do not keep the rules: nothing they sign is held against the invariants. */
  readonly liars: ReadonlySet<number>;
  readonly refused = new Map<string, string>();
  readonly accusations: { readonly kind: number; readonly member: number; readonly a: Bytes; readonly b: Bytes }[] = [];
  promised = 0;
  submitted = 0;
  recovered = 0;
  #salt = 0;

  constructor(seed: number, liars: ReadonlySet<number> = new Set(), make: MakeMember = (world, id) => new SimMember(world, id)) {
    this.chance = new Chance(seed);
    this.liars = liars;
    this.monitor.faulty = liars.size;
    this.engine = this.#newEngine();
    this.network = new SimNetwork(this.timeline, this.chance, (from, to, body) => this.#deliver(from, to, body));
    for (const id of FIRST_MEMBERS) this.members.set(id, make(this, id));
  }

  #deliver(from: number, to: number, body: PeerBody): void {
    this.members.get(to)?.take({ kind: 'message', from, body });
  }

  monitorFor(id: number): Monitor | null {
    return this.liars.has(id) ? null : this.monitor;
  }

  get honest(): readonly SimMember[] {
    return [...this.members.values()].filter((member) => !this.liars.has(member.id));
  }

  get up(): readonly SimMember[] {
    return this.honest.filter((member) => member.isUp);
  }

  disks(): readonly SimDisk[] {
    return this.honest.map((member) => member.disk);
  }

  member(id: number): SimMember {
    const found = this.members.get(id);
    assert(found !== undefined, `member ${id} exists`);
    return found;
  }

  kill(id: number, downMs = this.chance.between(50, 3000)): void {
    const member = this.member(id);
    if (!member.isUp) return;
    member.stop();
    this.timeline.after(downMs, () => member.start());
  }

  /** The newest state that an honest member holds. */
  best(): SimMember | undefined {
    return [...this.up].sort((a, b) => Number(b.tip.height - a.tip.height))[0];
  }

  env(op: Op, signers: readonly string[], state: MemberState): TxEnv {
    const sealedAt = state.tip.header.sealedAt;
    const body = {
      chain: FOUNDING.chain,
      salt: bytes32(`simulated ${this.#salt++}`).slice(0, 16),
      notBefore: sealedAt - 7_200_000n,
      notAfter: sealedAt + 7_200_000n,
      op,
    };
    const envs = signers.map((name) => signTx(simSm2, actor(name), [body])[0]);
    const sigs = envs.flatMap((env) => env?.sigs ?? []).sort((a, b) => (toHex(a.acct) < toHex(b.acct) ? -1 : 1));
    return { body, sigs };
  }

  /** Mints under one batch signature, as `ledger.md` 5.1 lets a studio sign them. */
  batch(count: number, state: MemberState): readonly TxEnv[] {
    const sealedAt = state.tip.header.sealedAt;
    const bodies = Array.from({ length: count }, () => ({
      chain: FOUNDING.chain,
      salt: bytes32(`simulated ${this.#salt++}`).slice(0, 16),
      notBefore: sealedAt - 7_200_000n,
      notAfter: sealedAt + 7_200_000n,
      op: { kind: 'mint' as const, items: [{ cls: 0, to: actor('alice').acct, ext: this.chance.bytes(32), meta: ZERO_32 }] },
    }));
    return signTx(simSm2, actor('studio'), bodies);
  }

  /** One LedgerTx by a client: a class, a Mint, or an Item from one player to another. */
  submitSomething(): void {
    const { chance } = this;
    const reader = this.best();
    const door = chance.pick(this.up);
    if (reader?.state === null || reader === undefined || door === undefined) return;
    const env = this.#somethingTrue(reader.ledger, reader.state);
    this.submitted++;
    door.submit(env);
    if (chance.hits(0.1)) chance.pick(this.up)?.submit(env);
  }

  #somethingTrue(ledger: LedgerState, state: MemberState): TxEnv {
    const { chance } = this;
    if (ledger.classById(0) === null) return this.env(defineClass('sword'), ['studio'], state);
    const count = ledger.count(1);
    if (count < 4n || chance.hits(0.3)) {
      const to = actor(chance.pick(PLAYERS) ?? 'alice').acct;
      const items = Array.from({ length: chance.between(1, 3) }, () => ({ cls: 0, to, ext: chance.bytes(32), meta: ZERO_32 }));
      return this.env({ kind: 'mint', items }, ['studio'], state);
    }
    const serial = BigInt(chance.between(0, Number(count) - 1));
    const item = ledger.itemBySerial(serial);
    assert(item !== null, 'serials are dense');
    const owner = PLAYERS.find((name) => equalBytes(actor(name).acct, item.owner)) ?? 'alice';
    const to: Name = chance.pick(PLAYERS.filter((name) => name !== owner)) ?? 'bob';
    const op: Op = { kind: 'transfer', serial, ver: item.ver, to: actor(to).acct, pay: ZERO_32, env: ZERO_32 };
    return this.env(op, [owner], state);
  }

  /** What a member found out: its account records it (op 19). */
  accuse(kind: number, member: number, a: Bytes, b: Bytes): void {
    demand(this.liars.has(member), `member ${member} is accused (kind ${kind}) and has kept every rule`);
    this.accusations.push({ kind, member, a, b });
    this.#submitEvidence(kind, member, a, b);
  }

  #submitEvidence(kind: number, member: number, a: Bytes, b: Bytes): void {
    const reader = this.best();
    if (reader?.state === null || reader === undefined) return;
    const env = this.env({ kind: 'evidence', evidenceKind: kind, a, b }, [nameOf(reader.id)], reader.state);
    const code = reader.codeOf(env);
    // While the base of a Recovery is certified again, the ledger does not know the new epoch yet: what was said in it is judged after that.
    if (code === 'evidence_invalid' && epochOf(kind, b) > (reader.configsInForce.at(-1)?.epoch ?? 0)) {
      this.timeline.after(500, () => this.#submitEvidence(kind, member, a, b));
      return;
    }
    demand(code !== 'evidence_invalid', `evidence of kind ${kind} against member ${member} convicts nobody`);
    reader.submit(env);
  }

  /** Staff propose a configuration and every governance key approves it. */
  updateConfig(change: (config: ConsortiumConfig) => ConsortiumConfig): void {
    const reader = this.best();
    if (reader?.state === null || reader === undefined) return;
    const { config: current } = reader.state.round;
    const config = { ...change(current), epoch: current.epoch + 1 };
    const message = signedMessage('PLP1/cfgsig', FOUNDING.chain, configHash(config));
    const approvals = current.members.map(({ id }) => ({ member: id, sig: simSm2.sign(governanceKey(id).privateKey, message) }));
    reader.submit(this.env({ kind: 'config_update', config, approvals }, [nameOf(reader.id)], reader.state));
  }

  /** Members that make a finality quorum of the configuration in force. */
  quorum(): number {
    const members = this.best()?.state?.round.config.members.length ?? FIRST_MEMBERS.length;
    return Math.floor((2 * members) / 3) + 1;
  }

  /** What a Recovery brings: a new engine, empty. */
  renewEngine(): void {
    this.engine = this.#newEngine();
  }

  /** Members watch it over the same bad network. */
  #newEngine(): SimEngine {
    const engine = new SimEngine(this.chance);
    engine.onSlot = (epoch, height, slot) => {
      for (const member of this.members.values()) {
        if (this.chance.hits(this.network.faults.loss)) continue;
        this.timeline.after(this.chance.between(2, 20), () => member.take({ kind: 'slot_seen', epoch, height, slot }));
      }
    };
    return engine;
  }

  /** Staff of every member order a Seal. */
  orderSeals(newEpoch: number): void {
    for (const member of this.members.values()) member.take({ kind: 'seal_ordered', newEpoch });
  }

  /** Seals of one epoch that an honest member has gathered, a choice of them if asked for. */
  gatherSeals(newEpoch: number): readonly SignedSeal[] {
    const found = new Map<number, SignedSeal>();
    for (const member of this.up)
      for (const signed of member.state?.seals.values() ?? []) if (signed.seal.newEpoch === newEpoch) found.set(signed.seal.member, signed);
    return [...found.values()];
  }

  /** Staff draft a Recovery from Seals, approve it and hand it to every member. False: it can't be drafted yet. */
  recover(newEpoch: number, seals: readonly SignedSeal[]): boolean {
    const highest = highestTip(seals);
    const source = this.up.find((member) => member.tip.height >= (highest?.seal.tipHeight ?? 0n));
    if (highest === null || source?.state === null || source === undefined) return false;
    const { tipHeight } = highest.seal;
    const tip = tipHeight === 0n ? { header: FOUNDING.header, finality: null } : source.disk.blocks[Number(tipHeight) - 1];
    const set = highestReported(seals, tipHeight);
    const baseHeader = set === null ? null : this.#bodyOf(set.header, set.height);
    if (tip === undefined || (set !== null && baseHeader === null)) return false;
    const { config } = source.state.round;
    const { finality } = tip;
    const draft = draftRecovery({
      newEpoch,
      config,
      tip: { header: tip.header, finality: finality ?? { epoch: 0, height: 0n, term: 0n, header: headerHash(tip.header), sigs: [] } },
      baseHeader,
      seals,
      openedAt: 0n,
      closedAt: 0n,
    });
    const message = recoveryApproval(FOUNDING.chain, draft);
    const recovery = config.members.reduce(
      (signed, { id }) => withApproval(signed, { member: id, sig: simSm2.sign(governanceKey(id).privateKey, message) }),
      draft,
    );
    for (const member of this.members.values()) member.take({ kind: 'message', from: source.id, body: { kind: 'recovery', recovery } });
    this.recovered++;
    return true;
  }

  #bodyOf(header: Bytes, height: bigint) {
    for (const member of this.members.values()) {
      const body = member.disk.bodies.get(toHex(header)) ?? member.disk.blocks[Number(height) - 1];
      if (body !== undefined && equalBytes(headerHash(body.header), header)) return body.header;
    }
    return null;
  }
}

/** Of the second statement of kinds 1 to 4; 0 for two Finalities. */
const epochOf = (kind: number, b: Bytes): number => (kind === EVIDENCE.twoFinalities ? 0 : decodeSignedVote(b).vote.epoch);

/** A chain of four members with real signatures that has left an epoch by a Recovery: what verifiers of 13.2 are tested on. */
import { buildBlock, type BuiltBlock } from '#ledger/block/block.ts';
import { genesisHeader, genesisState } from '#ledger/block/genesis.ts';
import { draftRecovery, recoveryApproval, recoveryHash, sealMessage, withApproval } from '#ledger/block/recovery.ts';
import { voteMessage, votePayload } from '#ledger/block/vote.ts';
import { type ConsortiumConfig, type Policy, ROLE } from '#ledger/codec/config.ts';
import type { Genesis } from '#ledger/codec/genesis.ts';
import type { EndorsementSet, Finality, Header } from '#ledger/codec/header.ts';
import { encodeStateLeaf } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import type { Recovery, SignedSeal } from '#ledger/codec/recovery.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { ProofSource } from '#ledger/proof/build-receipt.ts';
import type { Link } from '#ledger/proof/receipt.ts';
import type { StoredEntry } from '#ledger/proof/stored-entry.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { chainIdOf, headerHash } from '#ledger/tx/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { actor, bytes16, defineClass, member, mint, type Name, START, seededGenesis, seededKey, FIRST_EPOCH } from './ledger-world.ts';
import { seededSm2 } from './sealed-world.ts';

const FOUNDERS = [
  { id: 1, name: 'operator', role: ROLE.operator },
  { id: 2, name: 'studio', role: ROLE.studio },
  { id: 3, name: 'supervisor', role: ROLE.supervisor },
  { id: 4, name: 'notary', role: ROLE.notary },
] as const;
const IDS = FOUNDERS.map((each) => each.id);

const atLeast = (k: number): Policy => ({ kind: 'at_least', k, of: IDS.map((id) => ({ kind: 'sig', member: id })) });
const nameOf = (id: number): string => FOUNDERS.find((each) => each.id === id)?.name ?? '';

export class RecoveredWorld {
  readonly sm2: Sm2 = seededSm2('recovered world');
  readonly genesis: Genesis;
  readonly chain: Bytes;
  readonly state: LedgerState;
  readonly entries: StoredEntry[] = [];
  tip: { readonly header: Header; readonly finality: Finality | null };
  config: ConsortiumConfig;
  links: readonly Link[] = [];
  #now = START + 1000n;
  #salt = 0;

  constructor() {
    const seeded = seededGenesis(this.sm2);
    const members = FOUNDERS.map(({ id, name, role }) => member(this.sm2, id, name, role, actor(name).acct));
    const limits = { ...seeded.config.limits, objectionMs: 86_400_000n };
    this.config = {
      ...seeded.config,
      f: 1,
      members,
      agents: [],
      finality: atLeast(3),
      governance: atLeast(3),
      recovery: atLeast(3),
      lastResort: atLeast(2),
      ordering: { ...seeded.config.ordering, leaders: IDS },
      limits,
    };
    this.genesis = { ...seeded, name: 'recovered', config: this.config };
    this.chain = chainIdOf(this.genesis);
    this.state = genesisState(this.genesis);
    this.tip = { header: genesisHeader(this.genesis, this.state), finality: null };
  }

  sign(id: number, what: 'node' | 'governance', message: Bytes): Bytes {
    return this.sm2.sign(seededKey(`${nameOf(id)} ${what}`), message);
  }

  env(op: Op, by: Name): TxEnv {
    const salt = bytes16(`recovered ${this.#salt++}`);
    const body = { chain: this.chain, salt, notBefore: this.#now - 1000n, notAfter: this.#now + 600_000n, op };
    const [env] = signTx(this.sm2, actor(by), [body]);
    assert(env !== undefined, 'one body, one LedgerTx');
    return env;
  }

  build(envs: readonly TxEnv[], config = this.config, ext: Bytes = ZERO_32): BuiltBlock {
    this.#now += 1000n;
    const { state, sm2 } = this;
    const ground = { state, config, prevHeader: this.tip.header, ...FIRST_EPOCH, demonstration: true, verify: sm2.verify };
    const block = buildBlock({ ...ground, sealedAt: this.#now, envs, ext });
    assert(block.dropped.length === 0, 'every LedgerTx enters');
    for (const { entryBytes, applied } of block.txs) this.entries.push({ entry: entryBytes, leaves: applied.leaves.map(encodeStateLeaf) });
    return block;
  }

  endorse(header: Header, term: bigint, epoch = header.epoch): EndorsementSet {
    return this.#signedBy('PLP1/endorse', header, term, epoch, [1, 2, 4]);
  }

  certify(header: Header, term: bigint, epoch = header.epoch, voters: readonly number[] = [1, 3, 4]): Finality {
    return this.#signedBy('PLP1/vote', header, term, epoch, voters);
  }

  #signedBy(tag: 'PLP1/endorse' | 'PLP1/vote', header: Header, term: bigint, epoch: number, ids: readonly number[]): EndorsementSet {
    const sigs = ids.map((id) => ({
      member: id,
      sig: this.sign(id, 'node', voteMessage(this.chain, { ...votePayload(header, term, id), epoch }, tag)),
    }));
    return { epoch, height: header.height, term, header: headerHash(header), sigs };
  }

  seal(id: number, newEpoch: number, set: EndorsementSet | null): SignedSeal {
    const { header } = this.tip;
    const reported = set === null ? { epoch: 0, term: 0n, base: ZERO_32 } : { epoch: set.epoch, term: set.term, base: set.header };
    const seal = { newEpoch, member: id, tipHeight: header.height, tipHeader: headerHash(header), ...reported };
    return { seal, sig: this.sign(id, 'node', sealMessage(this.chain, { seal })), set };
  }

  approve(recovery: Recovery, ids: readonly number[]): Recovery {
    const message = recoveryApproval(this.chain, { ...recovery, approvals: [] });
    const bare: Recovery = { ...recovery, approvals: [] };
    return ids.reduce((signed, id) => withApproval(signed, { member: id, sig: this.sign(id, 'governance', message) }), bare);
  }

  source(): ProofSource {
    const { tip, genesis, links, state } = this;
    assert(tip.finality !== null, 'a block has been certified');
    const view = { header: tip.header, finality: tip.finality, trust: { genesis, links }, state };
    return { view: () => view, entry: (index) => Promise.resolve(this.entries[Number(index)] ?? null) };
  }
}

export interface Recovered {
  readonly world: RecoveredWorld;
  readonly recovery: Recovery;
  /** The base certified again, and the block after it. */
  readonly base: ProofSource;
  readonly after: ProofSource;
}

/** A class, a Mint, then an epoch that stalls with a set at hand: the Recovery finds it, and the chain goes on. */
export function recoveredChain(kind: number): Recovered {
  const world = new RecoveredWorld();
  const first = world.build([world.env(defineClass('sword'), 'studio')]);
  world.tip = { header: first.header, finality: world.certify(first.header, 1n) };
  const base = world.build([world.env(mint(0, ['sword 0', 'sword 1']), 'studio')]);
  const set = world.endorse(base.header, 4n);
  const seals = (kind === 0 ? [1, 2, 3] : [3, 4]).map((id) => world.seal(id, 1, id === 3 ? set : null));
  assert(world.tip.finality !== null, 'the tip is certified');
  const draft = draftRecovery({
    newEpoch: 1,
    kind,
    config: world.config,
    tip: { header: world.tip.header, finality: world.tip.finality },
    baseHeader: base.header,
    seals,
    openedAt: START,
    closedAt: START + 86_400_000n,
  });
  const recovery = world.approve(draft, kind === 0 ? [1, 2, 4] : [3, 4]);
  world.links = [{ kind: 'recovery', recovery }];
  world.tip = { header: base.header, finality: world.certify(base.header, 1n, 1) };
  const atBase = world.source();
  world.config = recovery.config;
  const next = world.build([], recovery.config, recoveryHash(recovery));
  world.tip = { header: next.header, finality: world.certify(next.header, 2n) };
  return { world, recovery, base: atBase, after: world.source() };
}

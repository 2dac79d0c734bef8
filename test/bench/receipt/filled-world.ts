/** A chain of four members whose registers hold a million Items, for receipts of the size that a real one has. */

import { voteMessage } from '#ledger/block/vote.ts';
import { MEMBER_FLAG, ROLE } from '#ledger/codec/config.ts';
import type { Finality, Header } from '#ledger/codec/header.ts';
import type { SignedOrder } from '#ledger/codec/order.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, utf8, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { ProofSource, ProofView } from '#ledger/proof/build-receipt.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { signOrders, signTx } from '#ledger/tx/sign.ts';
import { activatePack, actor, bytes16, bytes32, defineClass, member, seededKey, trade } from '#test/vectors/ledger-world.ts';
import { SealedWorld } from '#test/vectors/sealed-world.ts';

const VOTERS = ['operator', 'supervisor', 'notary'] as const;
const NAMES = ['operator', 'supervisor', 'notary', 'court'] as const;
const ALICE = 0n;

function fastSm2(): Sm2 {
  const { sm2 } = startSm2();
  return { sign: (key, message) => sm2.sign(key, message), verify: (pub, message, sig) => sm2.verify(pub, message, sig) };
}

export class FilledWorld extends SealedWorld {
  readonly #stored = new Map<bigint, SealedWorld['entries'][number]>();

  /** Items of alice in class 0, and as many entries in the log. */
  constructor(items: number) {
    super(fastSm2());
    this.#fourMembers();
    this.record(defineClass('sword'), ['studio']);
    this.#fill(items);
    this.record(activatePack(), ['supervisor']);
  }

  override certify(header: Header): Finality {
    if (header.epoch === 0) return super.certify(header);
    const hash = headerHash(header);
    const sigs = VOTERS.map((name, at) => {
      const vote = { epoch: header.epoch, height: header.height, term: 1n, header: hash, member: at + 1 };
      return { member: at + 1, sig: this.sm2.sign(seededKey(`${name} node`), voteMessage(this.chain, vote)) };
    });
    return { epoch: header.epoch, height: header.height, term: 1n, header: hash, sigs };
  }

  /** 3 of 4 from here on. */
  #fourMembers(): void {
    const members = NAMES.map((name, at) => member(this.sm2, at + 1, name, ROLE[name], actor(name).acct)).map((each) => ({
      ...each,
      flags: MEMBER_FLAG.mayLead | MEMBER_FLAG.mirrorsMedia,
      cert: ZERO_32,
    }));
    const quorum = { kind: 'at_least', k: 3, of: members.map(({ id }) => ({ kind: 'sig', member: id }) as const) } as const;
    const ordering = { ...this.config.ordering, leaders: [1] };
    const agents = this.config.agents.filter((agent) => !members.some((each) => each.org === agent.org));
    const policies = { finality: quorum, governance: quorum, recovery: quorum, lastResort: quorum };
    this.changeConfig({ f: 1, members, agents, ordering, ...policies });
  }

  #fill(items: number): void {
    const { state } = this;
    const alice = state.accountById(actor('alice').acct);
    const cls = state.classById(0);
    assert(alice !== null && cls !== null, 'alice and the class are there');
    for (let serial = 0; serial < items; serial++) {
      state.loadLeaf({ reg: 1, leaf: itemOf(BigInt(serial), alice.acct) });
      state.log.append(sm3(utf8(`entry ${serial}`)));
    }
    state.loadLeaf({ reg: 2, leaf: { ...alice, itemCount: BigInt(items) } });
    state.loadLeaf({ reg: 3, leaf: { ...cls, minted: BigInt(items) } });
  }

  /** A sale of one Item, with the signatures of that many orders and LedgerTx together; its index. */
  sale(serial: bigint, together: { readonly operator: number; readonly sell: number; readonly buy: number }): bigint {
    const sell = this.#order('alice', { side: 0, items: [{ serial, ver: 1n }], quantity: 1 }, together.sell);
    const buy = this.#order('bob', { side: 1 }, together.buy);
    const bodies = Array.from({ length: together.operator }, (_, at) =>
      this.body(trade(sell, buy, [serial], { tradeId: bytes16(`trade ${serial} ${at}`) })),
    );
    const [env] = signTx(this.sm2, actor('operator'), bodies);
    assert(env !== undefined, 'one body, one LedgerTx');
    const index = this.seal(env);
    const entry = this.entries.at(-1);
    assert(entry !== undefined, 'the sale is stored');
    this.#stored.set(index, entry);
    return index;
  }

  #order(name: 'alice' | 'bob', change: Parameters<SealedWorld['order']>[1], together: number): SignedOrder {
    const [signed] = signOrders(this.sm2, actor(name), [
      this.order(name, change),
      ...Array.from({ length: together - 1 }, () => this.order(name, {})),
    ]);
    assert(signed !== undefined, 'one order');
    return signed;
  }

  override source(): ProofSource {
    const view = (): ProofView => ({ ...this.tip, trust: this.trust(), state: this.state });
    return { view, entry: (index) => Promise.resolve(this.#stored.get(index) ?? null) };
  }
}

function itemOf(serial: bigint, owner: Bytes) {
  return {
    serial,
    cls: Number(ALICE),
    owner,
    ver: 1n,
    flags: 0,
    locker: ZERO_32,
    lockUntil: 0n,
    protectedUntil: 0n,
    frozenUntil: 0n,
    lastEntry: 2n ** 64n - 1n,
    meta: ZERO_32,
    ext: bytes32(`sword ${serial}`),
  };
}

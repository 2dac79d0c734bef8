/**
 * Receipts for every implementation of the verifier (`ledger.md` 17, vectors 10): good ones, and mutated ones beside the code
 * that must refuse them. The expected answers are written by hand from the table of section 17, never by a verifier.
 */

import { encodeFinality, type Header } from '#ledger/codec/header.ts';
import { decodeItemLeaf, encodeItemLeaf } from '#ledger/codec/leaves.ts';
import type { Order } from '#ledger/codec/order.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { EMPTY_NODES } from '#ledger/merkle/register.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { buildEntryReceipt, buildItemPassport, ReceiptDraft } from '#ledger/proof/build-receipt.ts';
import type { Claim } from '#ledger/proof/claim.ts';
import { decodeReceipt, encodeReceipt, encodeTrustBundle, type Receipt, type TrustBundle } from '#ledger/proof/receipt.ts';
import { orderIdOf } from '#ledger/tx/ids.ts';
import type { SigningKey } from '#ledger/tx/sign.ts';
import { recoveryReceipts } from './recovery-receipts.ts';
import { activatePack, actor, bytes16, bytes32, defineClass, mint, type Name, seededKey, trade, transfer } from './ledger-world.ts';
import { BUY_TERMS, disclose, marketDay, OTHER_CHAIN, PAY, SELL_TERMS, SealedWorld, seededSm2 } from './sealed-world.ts';

export interface Expected {
  readonly outcome: 'proven' | 'disproven' | 'malformed' | 'insufficient';
  /** Of the first step that fails. */
  readonly code: string | null;
  readonly warnings: readonly string[];
}
export interface ReceiptCase {
  readonly name: string;
  readonly chain: Bytes;
  readonly file: Bytes;
  /** Name of a trust file given beside the receipt. */
  readonly trust?: string;
  readonly expect: Expected;
}
export interface ReceiptVectors {
  readonly trust: Readonly<Record<string, Bytes>>;
  readonly cases: readonly ReceiptCase[];
}

const PROVEN: Expected = { outcome: 'proven', code: null, warnings: ['W60'] };
const PARTLY: Expected = { outcome: 'proven', code: null, warnings: ['W60', 'W62'] };
const malformed = (code: string): Expected => ({ outcome: 'malformed', code, warnings: [] });
const disproven = (code: string): Expected => ({ outcome: 'disproven', code, warnings: [] });

function present(bytes: Bytes | null): Bytes {
  assert(bytes !== null, 'what the test asks for is certified');
  return bytes;
}

export async function receiptVectors(): Promise<ReceiptVectors> {
  const { world, at } = marketDay();
  const { chain } = world;
  const source = (): ReturnType<SealedWorld['source']> => world.source();
  const receipt = async (index: bigint): Promise<Bytes> => present(await buildEntryReceipt(source(), index));
  const claimsOf = (make: (draft: ReceiptDraft) => void): Bytes => {
    const draft = new ReceiptDraft(source().view());
    make(draft);
    return draft.finish(true);
  };
  const cases: ReceiptCase[] = [];
  const good = (name: string, file: Bytes, expect: Expected = PROVEN, trust?: string): void => {
    cases.push({ name, chain, file, expect, ...(trust === undefined ? {} : { trust }) });
  };

  const fields = [disclose(at.trade, 0, 1, PAY, 1), disclose(at.trade, 1, 2, SELL_TERMS, 1), disclose(at.trade, 2, 2, BUY_TERMS, 1)];
  const sale = present(await buildEntryReceipt(source(), at.trade, { fields }));
  const bare = present(await buildEntryReceipt(source(), at.trade, { withTrust: false }));
  const passport = present(await buildItemPassport(source(), 0n));
  const founding = encodeTrustBundle(world.trust());
  const early = world.headers[1];
  assert(early !== undefined, 'the second block is sealed');
  const holdings = claimsOf((draft) => draft.addHoldings(actor('carol').acct, [0n]));
  const holdingsOfTwo = claimsOf((draft) => draft.addHoldings(actor('alice').acct, [1n, 2n]));
  const absent = claimsOf((draft) => draft.addAbsent(1, 3n));
  const consistent = claimsOf((draft) => draft.addConsistency(early.header, early.finality));
  good('sale with disclosed fields', sale);
  good('sale without trust, none given', bare, { outcome: 'insufficient', code: 'E20', warnings: [] });
  good('sale without trust, given beside it', bare, PROVEN, 'founding');
  good('sale with trust, the same given beside it', sale, PROVEN, 'founding');
  good('passport after mint, sale and gift', passport);
  good('passport of an Item that never moved', present(await buildItemPassport(source(), 1n)));
  good('mint', await receipt(at.mint));
  good('class definition', await receipt(at.define));
  good('rule pack', await receipt(2n));
  good('gift', await receipt(at.gift));
  good('all that carol owns', holdings);
  good('all that alice owns', holdingsOfTwo);
  good('no such Item', absent);
  good('an earlier log is a prefix', consistent);
  good('trust file', founding, { outcome: 'proven', code: null, warnings: [] });
  mutations(world, { sale, bare, passport, holdings: holdingsOfTwo, absent, consistent, founding }, cases);

  // From here the chain moves on; what was issued before stays valid.
  world.record({ kind: 'burn', serial: 1n, ver: 1n }, ['alice']);
  good('burned Item', present(await buildItemPassport(source(), 1n)));
  world.record({ kind: 'freeze', target: { kind: 'item', serial: 0n }, until: world.now + 86_400_000n, doc: bytes32('order') }, [
    'supervisor',
  ]);
  good('frozen Item', present(await buildItemPassport(source(), 0n)));
  const policy = { ...actor('carol').policy, recoveryDelayMs: 1 };
  world.record({ kind: 'account_rotate', acct: actor('carol').acct, mode: 0, policy }, ['carol']);
  good('rotation: the old key is no longer shown', await receipt(world.state.logSize - 1n), PARTLY);
  world.seal(...batchMint(world));
  good('one of a batch of three', await receipt(world.state.logSize - 2n));
  world.changeConfig({ limits: { ...world.config.limits, blockTx: 500 } });
  good('under the second configuration', present(await buildItemPassport(source(), 0n)));
  const linked = world.trust();
  good('trust file with a link', encodeTrustBundle(linked), { outcome: 'proven', code: null, warnings: [] });
  good('issued under the first, trust of both', sale, PROVEN, 'linked');
  const later = present(await buildItemPassport(source(), 0n));
  cases.push({
    name: 'second configuration unknown',
    chain,
    file: edit(later, (each) => ({ ...each, trust: { ...linked, links: [] } })),
    expect: malformed('E22'),
  });
  linkMutations(world, linked, cases);
  await forgeries(cases);
  cases.push(...(await recoveryReceipts()));
  return { trust: { founding, linked: encodeTrustBundle(linked) }, cases };
}

/** An operator that certifies what nobody signed: log, state and votes hold, and only the parties' signatures tell. */
async function forgeries(cases: ReceiptCase[]): Promise<void> {
  const { sign } = seededSm2('lying operator');
  const world = new SealedWorld({ sign, verify: () => true });
  world.record(defineClass('sword'), ['studio']);
  world.record(mint(0, ['sword 0', 'sword 1', 'sword 2']), ['studio']);
  world.record(activatePack(), ['supervisor']);
  const thiefFor = (name: Name): SigningKey => ({ ...actor(name), privateKey: seededKey('dave') });
  const sellOrder = (serial: bigint): Order => world.order('alice', { side: 0, items: [{ serial, ver: 1n }] });
  const forged = async (name: string, env: TxEnv): Promise<void> => {
    const file = present(await buildEntryReceipt(world.source(), world.seal(env)));
    cases.push({ name: `forged: ${name}`, chain: world.chain, file, expect: disproven('E46') });
  };
  const stolen = world.signOrder(sellOrder(0n), thiefFor('alice'));
  await forged('the seller never signed', world.env(trade(stolen, world.buy('bob'), [0n]), ['operator']));
  const order = sellOrder(1n);
  const [underOtherTag] = world.signIds('alice', 'PLP1/txsig', [orderIdOf(order)]);
  assert(underOtherTag !== undefined, 'one id, one signature');
  const mistagged = { order, sigs: [underOtherTag] };
  await forged(
    'an order signed under the tag of a LedgerTx',
    world.env(trade(mistagged, world.buy('bob'), [1n], { tradeId: bytes16('second') }), ['operator']),
  );
  await forged('a gift that its owner never signed', world.sign(world.body(transfer(2n, 1n, 'dave')), [thiefFor('alice')]));
  const two = world.signTogether('bob', [world.body(transfer(0n, 2n, 'carol')), world.body(transfer(1n, 2n, 'carol'))]);
  const [first, second] = two;
  assert(first?.sigs[0] !== undefined && second !== undefined, 'two bodies, two LedgerTx');
  await forged('the place of another in a batch', { body: second.body, sigs: first.sigs });
}

function batchMint(world: SealedWorld): readonly ReturnType<SealedWorld['env']>[] {
  const bodies = ['a', 'b', 'c'].map((name) => world.body(mint(0, [`batch ${name}`])));
  return world.signTogether('studio', bodies);
}

function edit(file: Bytes, change: (receipt: Receipt) => Receipt): Bytes {
  return encodeReceipt(change(decodeReceipt(file)));
}

/** Changes every claim of one kind. */
function editClaim<Kind extends Claim['kind']>(file: Bytes, kind: Kind, change: (claim: Extract<Claim, { kind: Kind }>) => Claim): Bytes {
  const isOfKind = (claim: Claim): claim is Extract<Claim, { kind: Kind }> => claim.kind === kind;
  return edit(file, (receipt) => ({ ...receipt, claims: receipt.claims.map((claim) => (isOfKind(claim) ? change(claim) : claim)) }));
}

function flipped(bytes: Bytes, at = 0): Bytes {
  const out = bytes.slice();
  out[at] = (out[at] ?? 0) ^ 1;
  return out;
}

const flipFirst = (hashes: readonly Bytes[]): readonly Bytes[] => hashes.map((hash, at) => (at === 0 ? flipped(hash) : hash));

type Files = Readonly<Record<'sale' | 'bare' | 'passport' | 'holdings' | 'absent' | 'consistent' | 'founding', Bytes>>;

function mutations(world: SealedWorld, files: Files, cases: ReceiptCase[]): void {
  const { sale, passport, founding } = files;
  const bad = (name: string, file: Bytes, expect: Expected, chain: Bytes = world.chain): void =>
    void cases.push({ name, chain, file, expect });
  const resealed = (change: Partial<Header>, file: Bytes = sale): Bytes =>
    edit(file, (receipt) => {
      const header = { ...receipt.header, ...change };
      return { ...receipt, header, finality: world.certify(header) };
    });
  const finality = (change: (receipt: Receipt) => Partial<Receipt['finality']>): Bytes =>
    edit(sale, (receipt) => ({ ...receipt, finality: { ...receipt.finality, ...change(receipt) } }));

  bad('empty file', new Uint8Array(0), malformed('E10'));
  bad('one byte short', sale.slice(0, -1), malformed('E10'));
  bad('one byte more', concat(sale, Uint8Array.of(0)), malformed('E10'));
  bad('wrong magic', flipped(sale), malformed('E10'));
  bad(
    'a claim twice',
    edit(sale, (each) => ({ ...each, claims: [...each.claims, ...each.claims.slice(0, 1)] })),
    malformed('E10'),
  );
  bad('a checkpoint instead of a receipt', encodeFinality(world.tip.finality), malformed('E10'));
  bad('another chain was asked for', sale, malformed('E20'), OTHER_CHAIN);
  bad(
    'the receipt names another chain',
    edit(sale, (each) => ({ ...each, chain: OTHER_CHAIN })),
    malformed('E20'),
  );
  const renamed = (trust: TrustBundle): TrustBundle => ({ ...trust, genesis: { ...trust.genesis, name: 'forged' } });
  bad(
    'forged genesis',
    edit(sale, (each) => ({ ...each, trust: each.trust === null ? null : renamed(each.trust) })),
    malformed('E20'),
  );
  bad('trust file of another chain', founding, malformed('E20'), OTHER_CHAIN);
  bad('trust file with a trailing byte', concat(founding, Uint8Array.of(0)), malformed('E10'));

  bad('header of another chain', resealed({ chain: OTHER_CHAIN }), malformed('E22'));
  bad('header of an unknown epoch', resealed({ epoch: 1 }), malformed('E22'));
  bad('header with another configuration', resealed({ configHash: ZERO_32 }), malformed('E22'));
  bad(
    'time moved in the header',
    edit(sale, (each) => ({ ...each, header: { ...each.header, sealedAt: each.header.sealedAt + 1n } })),
    malformed('E30'),
  );
  bad(
    'Finality names another height',
    finality((each) => ({ height: each.header.height + 1n })),
    malformed('E30'),
  );
  bad(
    'Finality names another epoch',
    finality(() => ({ epoch: 1 })),
    malformed('E30'),
  );
  bad(
    'Finality under another term',
    finality(() => ({ term: 2n })),
    malformed('E30'),
  );
  bad(
    'vote by a stranger',
    finality((each) => ({ sigs: each.finality.sigs.map((sig) => ({ ...sig, member: 2 })) })),
    malformed('E30'),
  );
  bad(
    'vote with r = 0',
    finality((each) => ({ sigs: each.finality.sigs.map(({ member, sig }) => ({ member, sig: concat(ZERO_32, sig.slice(32)) })) })),
    malformed('E30'),
  );
  bad(
    'vote altered',
    finality((each) => ({ sigs: each.finality.sigs.map(({ member, sig }) => ({ member, sig: flipped(sig, 63) })) })),
    malformed('E30'),
  );
  bad(
    'no vote at all',
    finality(() => ({ sigs: [] })),
    malformed('E31'),
  );

  bad(
    'entry altered',
    editClaim(sale, 'entry', (claim) => ({ ...claim, entry: flipped(claim.entry, claim.entry.length - 1) })),
    disproven('E40'),
  );
  bad(
    'entry at another index',
    editClaim(sale, 'entry', (claim) => ({ ...claim, index: claim.index - 1n })),
    disproven('E40'),
  );
  bad(
    'entry beyond the log',
    editClaim(sale, 'entry', (claim) => ({ ...claim, index: claim.index + 1000n })),
    disproven('E40'),
  );
  bad(
    'entry path altered',
    editClaim(sale, 'entry', (claim) => ({ ...claim, path: flipFirst(claim.path) })),
    disproven('E40'),
  );
  bad(
    'entry path too short',
    editClaim(sale, 'entry', (claim) => ({ ...claim, path: claim.path.slice(1) })),
    disproven('E40'),
  );
  bad(
    'entry path too long',
    editClaim(sale, 'entry', (claim) => ({ ...claim, path: [...claim.path, ZERO_32] })),
    disproven('E40'),
  );
  bad('certified log without this entry', resealed({ logRoot: ZERO_32 }), disproven('E40'));
  bad('entry above its header', resealed({ height: 1n }), disproven('E40'));

  bad(
    'leaf altered',
    editClaim(passport, 'leaf', (claim) => ({ ...claim, leaf: flipped(claim.leaf, claim.leaf.length - 1) })),
    disproven('E41'),
  );
  bad(
    'leaf at another index',
    editClaim(passport, 'leaf', (claim) => ({ ...claim, index: claim.index + 1n })),
    disproven('E41'),
  );
  bad(
    'leaf with another count',
    editClaim(passport, 'leaf', (claim) => ({ ...claim, count: claim.count + 1n })),
    disproven('E41'),
  );
  bad(
    'leaf of another register',
    editClaim(passport, 'leaf', (claim) => ({ ...claim, reg: (claim.reg % 5) + 1 })),
    disproven('E41'),
  );
  bad(
    'leaf of no register',
    editClaim(passport, 'leaf', (claim) => ({ ...claim, reg: claim.reg + 8 })),
    disproven('E41'),
  );
  bad(
    'zero map altered',
    editClaim(passport, 'leaf', (claim) => ({ ...claim, zeroMap: (claim.zeroMap ^ 0x8000_0000) >>> 0 })),
    disproven('E41'),
  );
  bad('an empty sibling written out', editClaim(passport, 'leaf', withExplicitEmpty), disproven('E41'));
  bad(
    'another register root',
    editClaim(passport, 'leaf', (claim) => ({ ...claim, others: flipFirst(claim.others) })),
    disproven('E41'),
  );
  bad('certified state without this leaf', resealed({ stateRoot: ZERO_32 }, passport), disproven('E41'));

  bad(
    'title: leaf with another owner',
    editClaim(passport, 'title', (claim) => ({ ...claim, links: claim.links.map((link) => ({ ...link, leaf: thief(link.leaf) })) })),
    disproven('E42'),
  );
  bad(
    'title: a link left out',
    editClaim(passport, 'title', (claim) => ({ ...claim, links: claim.links.filter((_, link) => link !== 1) })),
    disproven('E42'),
  );
  bad(
    'title: newest link left out',
    editClaim(passport, 'title', (claim) => ({ ...claim, links: claim.links.slice(0, -1) })),
    disproven('E42'),
  );
  bad(
    'title: newest first',
    editClaim(passport, 'title', (claim) => ({ ...claim, links: claim.links.toReversed() })),
    disproven('E42'),
  );
  bad(
    'title: current of another register',
    editClaim(passport, 'title', (claim) => ({ ...claim, current: 1 })),
    disproven('E42'),
  );
  bad(
    'title: points at no entry',
    editClaim(passport, 'title', (claim) => ({ ...claim, links: claim.links.map((link) => ({ ...link, entryClaim: 2047 })) })),
    disproven('E42'),
  );

  const { holdings, absent, consistent } = files;
  bad(
    'holdings: one left out',
    editClaim(holdings, 'holdings', (claim) => ({ ...claim, items: claim.items.slice(1) })),
    disproven('E43'),
  );
  bad(
    'holdings: one twice',
    editClaim(holdings, 'holdings', ({ items, ...claim }) => ({ ...claim, items: [...items.slice(1), ...items.slice(1)] })),
    disproven('E43'),
  );
  bad(
    'holdings: no account',
    editClaim(holdings, 'holdings', (claim) => ({ ...claim, account: 2047 })),
    disproven('E43'),
  );
  bad(
    'absent: index below the count',
    editClaim(absent, 'absent', (claim) => ({ ...claim, index: claim.count - 1n })),
    disproven('E44'),
  );
  bad(
    'absent: count lowered',
    editClaim(absent, 'absent', (claim) => ({ ...claim, count: claim.count - 1n })),
    disproven('E44'),
  );
  bad(
    'absent: root altered',
    editClaim(absent, 'absent', (claim) => ({ ...claim, root: flipped(claim.root) })),
    disproven('E44'),
  );
  bad(
    'consistency: path altered',
    editClaim(consistent, 'consistency', (claim) => ({ ...claim, path: flipFirst(claim.path) })),
    disproven('E45'),
  );
  bad(
    'consistency: older header not certified',
    editClaim(consistent, 'consistency', (claim) => ({ ...claim, header: { ...claim.header, logSize: 1n } })),
    disproven('E45'),
  );
  bad(
    'consistency: with itself',
    editClaim(consistent, 'consistency', (claim) => ({ ...claim, ...world.tip, path: [] })),
    disproven('E45'),
  );

  bad(
    'signer: other keys',
    editClaim(sale, 'signers', (claim) => ({
      ...claim,
      accounts: claim.accounts.map((each) => ({ ...each, policy: actor('dave').policy })),
    })),
    disproven('E46'),
  );
  bad(
    'signer: leaf from nowhere',
    editClaim(sale, 'signers', (claim) => ({
      ...claim,
      accounts: claim.accounts.map((each) => ({ ...each, leaf: flipped(each.leaf, 170) })),
    })),
    disproven('E46'),
  );
  bad(
    'signer: shown twice',
    editClaim(sale, 'signers', (claim) => ({ ...claim, accounts: [...claim.accounts, ...claim.accounts] })),
    disproven('E46'),
  );
  bad(
    'signer: of no entry',
    editClaim(sale, 'signers', (claim) => ({ ...claim, entryClaim: 2047 })),
    disproven('E46'),
  );
  bad(
    'signers not in the file',
    edit(sale, (each) => ({ ...each, claims: each.claims.filter((claim) => claim.kind !== 'signers') })),
    PARTLY,
  );

  bad(
    'field: another amount',
    editClaim(sale, 'field', (claim) => ({ ...claim, value: flipped(claim.value) })),
    disproven('E50'),
  );
  bad(
    'field: another salt',
    editClaim(sale, 'field', (claim) => ({ ...claim, salt: flipped(claim.salt) })),
    disproven('E50'),
  );
  bad(
    'field: under another name',
    editClaim(sale, 'field', (claim) => ({ ...claim, id: claim.id + 1 })),
    disproven('E50'),
  );
  bad(
    'field: of the other side',
    editClaim(sale, 'field', (claim) => ({ ...claim, slot: claim.slot === 0 ? 3 : 3 - claim.slot })),
    disproven('E50'),
  );
  bad(
    'field: id 16',
    editClaim(sale, 'field', (claim) => ({ ...claim, id: claim.id + 16 })),
    disproven('E50'),
  );
  bad(
    'field: path altered',
    editClaim(sale, 'field', (claim) => ({ ...claim, path: flipFirst(claim.path) })),
    disproven('E50'),
  );
}

function emptyTop(): Bytes {
  const node = EMPTY_NODES[31];
  assert(node !== undefined, 'a register has 33 levels');
  return node;
}

/** The topmost level is empty in any small register: its bit cleared, its node written out. */
function withExplicitEmpty(claim: Extract<Claim, { kind: 'leaf' }>): Claim {
  return { ...claim, zeroMap: (claim.zeroMap & 0x7fff_ffff) >>> 0, path: [...claim.path, emptyTop()] };
}

function thief(leaf: Bytes): Bytes {
  return encodeItemLeaf({ ...decodeItemLeaf(leaf), owner: actor('dave').acct });
}

function linkMutations(world: SealedWorld, trust: TrustBundle, cases: ReceiptCase[]): void {
  const [link] = trust.links;
  assert(link?.kind === 'update', 'the chain has changed its configuration');
  const bad = (name: string, change: Partial<typeof link>): void => {
    const file = encodeTrustBundle({ ...trust, links: [{ ...link, ...change }] });
    cases.push({ name: `link: ${name}`, chain: world.chain, file, expect: malformed('E21') });
  };
  const gift = world.entries[4]?.entry;
  assert(gift !== undefined, 'the gift is recorded');
  bad('entry altered', { entry: flipped(link.entry, link.entry.length - 1) });
  bad('another entry', { entry: gift, index: 4n, path: world.state.log.inclusionPath(4, Number(link.header.logSize)) });
  bad('header not certified', { header: { ...link.header, sealedAt: link.header.sealedAt + 1n } });
  bad('votes missing', { finality: { ...link.finality, sigs: [] } });
  cases.push({
    name: 'link: twice',
    chain: world.chain,
    file: encodeTrustBundle({ ...trust, links: [link, link] }),
    expect: malformed('E21'),
  });
}

/** As JSON: each file as its difference from the earlier one that it shares most with, so that a reader sees what was changed. */
export function receiptsDocument({ trust, cases }: ReceiptVectors): object {
  return {
    source: 'test/vectors/receipt-vectors.ts: seeded keys, written by generate-receipts.ts',
    trust: Object.fromEntries(Object.entries(trust).map(([name, bytes]) => [name, toHex(bytes)])),
    cases: cases.map(({ name, chain, file, trust: given, expect }, at) => {
      const difference = cases.slice(0, at).reduce<Difference>((best, like) => shorter(best, differenceOf(like.name, like.file, file)), {
        like: '',
        head: 0,
        tail: 0,
        bytes: toHex(file),
      });
      return { name, chain: toHex(chain), ...(given === undefined ? {} : { trust: given }), expect, ...difference };
    }),
  };
}

interface Difference {
  readonly like: string;
  readonly head: number;
  readonly tail: number;
  readonly bytes: string;
}

const shorter = (a: Difference, b: Difference): Difference => (b.bytes.length < a.bytes.length ? b : a);

function differenceOf(like: string, from: Bytes, to: Bytes): Difference {
  const most = Math.min(from.length, to.length);
  let head = 0;
  while (head < most && from[head] === to[head]) head++;
  let tail = 0;
  while (tail < most - head && from[from.length - 1 - tail] === to[to.length - 1 - tail]) tail++;
  return { like, head, tail, bytes: toHex(to.subarray(head, to.length - tail)) };
}

export const receiptsText = (vectors: ReceiptVectors): string => `${JSON.stringify(receiptsDocument(vectors), null, 1)}\n`;

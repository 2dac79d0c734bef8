/**
 * Builds receipts and item passports (`ledger.md` 16; product P-31, P-43) from a certified state and its log.
 * A builder decides nothing: what it wrote wrongly, the verifier refuses.
 */
import type { Finality, Header } from '#ledger/codec/header.ts';
import {
  decodeAccountLeaf,
  encodeAccountLeaf,
  encodeStateLeaf,
  type ItemLeaf,
  NO_ENTRY,
  REGISTER,
  REGISTER_COUNT,
  type StateLeaf,
} from '#ledger/codec/leaves.ts';
import { decodeEntry, type Entry } from '#ledger/codec/tx.ts';
import type { TxSig } from '#ledger/codec/tx-sig.ts';
import { regRoot } from '#ledger/merkle/register.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import type { Claim, ClaimIndex, LeafClaim, Signer, TitleLink } from './claim.ts';
import { encodeReceipt, MAX_CLAIMS, type TrustBundle } from './receipt.ts';
import type { StoredEntry } from './stored-entry.ts';

/** One certified header with the log and the state exactly as it left them. */
export interface ProofView {
  readonly header: Header;
  readonly finality: Finality;
  readonly trust: TrustBundle | null;
  readonly state: ProvableState;
}

/** What a proof reads of `LedgerState`. */
export type ProvableState = Pick<
  LedgerState,
  'log' | 'register' | 'itemBySerial' | 'accountById' | 'classById' | 'orderById' | 'record' | 'policyByHash'
>;

export interface ProofSource {
  /** The newest certified view. Builders take it once, after their last wait. */
  view(): ProofView;
  entry(index: bigint): Promise<StoredEntry | null>;
}

/** A private term that its holder opens in the file. */
export interface DisclosedField {
  /** Log index of the entry whose commitment it opens. */
  readonly entry: bigint;
  /** 0 pay, 1 sell terms, 2 buy terms, 3 identity. */
  readonly slot: number;
  readonly id: number;
  readonly salt: Bytes;
  readonly value: Bytes;
  readonly path: readonly Bytes[];
}

export interface ReceiptOptions {
  readonly fields?: readonly DisclosedField[];
  /** A wallet that keeps the trust bundle leaves it out; a file for a third party carries it. */
  readonly withTrust?: boolean;
  /** Older certified headers whose logs this one must be shown to continue: the entry's own block, copies of other members. */
  readonly older?: readonly { readonly header: Header; readonly finality: Finality }[];
}

/** Above this an entry's receipt shows the entry alone: a Mint of 200 does not carry 200 state proofs. */
const MAX_ITEMS_SHOWN = 32;

/** Receipt of one entry (Trade, Transfer, Mint, …): the entry, the Items it moved as they stand now, and who signed. `null`: not certified yet. */
export async function buildEntryReceipt(source: ProofSource, index: bigint, options: ReceiptOptions = {}): Promise<Bytes | null> {
  const stored = await source.entry(index);
  const view = source.view();
  if (stored === null || index >= view.header.logSize) return null;
  const draft = new ReceiptDraft(view);
  const at = draft.addEntry(index, stored);
  const entry = decodeEntry(stored.entry);
  const items = entry.effects.flatMap((effect, effectAt) =>
    effect.reg === REGISTER.items ? [{ effect, leaf: stored.leaves[effectAt] }] : [],
  );
  for (const { effect, leaf } of items.length <= MAX_ITEMS_SHOWN ? items : []) {
    assert(leaf !== undefined, 'a stored entry keeps a leaf per effect');
    const item = view.state.itemBySerial(effect.index);
    assert(item !== null, `Item ${effect.index} of a certified entry is in the state`);
    const current = draft.addItem(item);
    draft.add({ kind: 'title', links: [{ entryClaim: at, leaf }], current: item.lastEntry === index ? current : null });
  }
  draft.addSigners(at, entry, stored);
  draft.addFields(options.fields ?? []);
  for (const { header, finality } of options.older ?? []) if (header.height < view.header.height) draft.addConsistency(header, finality);
  return draft.finish(options.withTrust ?? true);
}

/** Passport of one Item: every change since its Mint, its state now, and who signed each. `null`: no such Item in the certified state. */
export async function buildItemPassport(source: ProofSource, serial: bigint, options: ReceiptOptions = {}): Promise<Bytes | null> {
  const hops = new Map<bigint, StoredEntry>();
  for (;;) {
    const view = source.view();
    const item = view.state.itemBySerial(serial);
    if (item === null) return null;
    // A state that began with a snapshot knows the Item, and its history only from there.
    if (item.lastEntry !== NO_ENTRY && item.lastEntry < BigInt(view.state.log.first)) return null;
    // A block may be certified while entries are read: then only what is new is fetched, and the view is taken again.
    const waited = await fetchHops(source, serial, item.lastEntry, hops, BigInt(view.state.log.first));
    if (waited === null) return null;
    if (!waited) return passportOf(view, item, hops, options);
  }
}

/** Walks the Item's entries from newest to oldest. True: it had to wait, so the view may be stale; null: an entry lies before `first`. */
async function fetchHops(
  source: ProofSource,
  serial: bigint,
  newest: bigint,
  hops: Map<bigint, StoredEntry>,
  first: bigint,
): Promise<boolean | null> {
  let waited = false;
  for (let index = newest; index !== NO_ENTRY; ) {
    if (index < first) return null;
    let stored = hops.get(index);
    if (stored === undefined) {
      waited = true;
      stored = (await source.entry(index)) ?? undefined;
      assert(stored !== undefined, `entry ${index} of a certified Item is stored`);
      hops.set(index, stored);
    }
    index = itemEffect(decodeEntry(stored.entry), serial).prev;
  }
  return waited;
}

function passportOf(view: ProofView, item: ItemLeaf, hops: ReadonlyMap<bigint, StoredEntry>, options: ReceiptOptions): Bytes {
  const draft = new ReceiptDraft(view);
  const current = draft.addItem(item);
  const links: TitleLink[] = [];
  const oldestFirst = [...hops].filter(([index]) => index < view.header.logSize).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [index, stored] of oldestFirst) {
    const entry = decodeEntry(stored.entry);
    const { at } = itemEffect(entry, item.serial);
    const leaf = stored.leaves[at];
    assert(leaf !== undefined, 'a stored entry keeps a leaf per effect');
    links.push({ entryClaim: draft.addEntry(index, stored), leaf });
  }
  if (links.length > 0) draft.add({ kind: 'title', links, current });
  for (const [link, [, stored]] of oldestFirst.entries()) {
    const entryClaim = links[link]?.entryClaim;
    if (entryClaim !== undefined) draft.addSigners(entryClaim, decodeEntry(stored.entry), stored);
  }
  draft.addFields(options.fields ?? []);
  return draft.finish(options.withTrust ?? true);
}

function itemEffect(entry: Entry, serial: bigint): { readonly at: number; readonly prev: bigint } {
  const at = entry.effects.findIndex((effect) => effect.reg === REGISTER.items && effect.index === serial);
  const effect = entry.effects[at];
  assert(effect !== undefined, `the entry changes Item ${serial}`);
  return { at, prev: effect.prev };
}

/** Every signature of an entry: the LedgerTx's own and those of the orders inside. */
export function signaturesOf(entry: Entry): readonly TxSig[] {
  const { op } = entry.env.body;
  return op.kind === 'trade' ? [...entry.env.sigs, ...op.sell.sigs, ...op.buy.sigs] : entry.env.sigs;
}

/** Claims in the making: each entry and leaf once, later claims point at earlier ones. */
export class ReceiptDraft {
  readonly #view: ProofView;
  readonly #claims: Claim[] = [];
  readonly #places = new Map<string, ClaimIndex>();

  constructor(view: ProofView) {
    this.#view = view;
  }

  add(claim: Claim): ClaimIndex {
    this.#claims.push(claim);
    assert(this.#claims.length <= MAX_CLAIMS, 'a receipt has at most 2 048 claims');
    return this.#claims.length - 1;
  }

  #once(key: string, make: () => Claim): ClaimIndex {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const at = this.add(make());
    this.#places.set(key, at);
    return at;
  }

  addEntry(index: bigint, stored: StoredEntry): ClaimIndex {
    const { state, header } = this.#view;
    return this.#once(`entry ${index}`, () => ({
      kind: 'entry',
      index,
      entry: stored.entry,
      path: state.log.inclusionPath(Number(index), Number(header.logSize)),
    }));
  }

  addLeaf(state: StateLeaf): ClaimIndex {
    const { reg } = state;
    const index = state.leaf.serial;
    return this.#once(`leaf ${reg} ${index}`, () => {
      const register = this.#view.state.register(reg);
      const { zeroMap, path } = register.proof(Number(index));
      const count = BigInt(register.count);
      return { kind: 'leaf', reg, index, leaf: encodeStateLeaf(state), count, zeroMap, path, others: this.#others(reg) };
    });
  }

  /** The Item and its class: issuer and keys make the id that people know it by. */
  addItem(item: ItemLeaf): ClaimIndex {
    const at = this.addLeaf({ reg: REGISTER.items, leaf: item });
    const cls = this.#view.state.classById(item.cls);
    if (cls !== null) this.addLeaf({ reg: REGISTER.classes, leaf: cls });
    return at;
  }

  addAbsent(reg: number, index: bigint): ClaimIndex {
    const register = this.#view.state.register(reg);
    const count = BigInt(register.count);
    assert(index >= count, 'an absent serial lies beyond the count');
    return this.#once(`leaf ${reg} ${index}`, () => ({
      kind: 'absent',
      reg,
      index,
      count,
      root: register.root(),
      others: this.#others(reg),
    }));
  }

  /** The account and every Item it owns: complete, because the leaf counts them. */
  addHoldings(acct: Bytes, serials: readonly bigint[]): ClaimIndex {
    const { state } = this.#view;
    const leaf = state.accountById(acct);
    assert(leaf !== null, 'the account is in the state');
    const account = this.addLeaf({ reg: REGISTER.accounts, leaf });
    const items = serials.map((serial) => {
      const item = state.itemBySerial(serial);
      assert(item !== null, `Item ${serial} is in the state`);
      return this.addLeaf({ reg: REGISTER.items, leaf: item });
    });
    return this.add({ kind: 'holdings', account, items });
  }

  /** The log of an older certified header is a prefix of this one's. */
  addConsistency(header: Header, finality: Finality): ClaimIndex {
    const path = this.#view.state.log.consistencyPath(Number(header.logSize), Number(this.#view.header.logSize));
    return this.add({ kind: 'consistency', header, finality, path });
  }

  /**
   * Signers whose keys can still be shown: an account that the entry itself names, or one whose keys have not changed since.
   * The verifier says which signatures it could not check (W62).
   */
  addSigners(entryClaim: ClaimIndex, entry: Entry, stored: StoredEntry): void {
    const accounts: Signer[] = [];
    const seen = new Set<string>();
    for (const sig of signaturesOf(entry)) {
      if (seen.has(toHex(sig.acct))) continue;
      seen.add(toHex(sig.acct));
      const signer = this.#signerIn(entry, stored, sig) ?? this.#signerNow(sig);
      if (signer !== null) accounts.push(signer);
    }
    if (accounts.length > 0) this.add({ kind: 'signers', entryClaim, accounts });
  }

  #signerIn(entry: Entry, stored: StoredEntry, sig: TxSig): Signer | null {
    for (const [at, effect] of entry.effects.entries()) {
      const leaf = stored.leaves[at];
      if (effect.reg !== REGISTER.accounts || leaf === undefined) continue;
      const account = decodeAccountLeaf(leaf);
      if (equalBytes(account.acct, sig.acct)) return account.keyEpoch === sig.keyEpoch ? this.#signer(leaf, account.policy) : null;
    }
    return null;
  }

  #signerNow(sig: TxSig): Signer | null {
    const leaf = this.#view.state.accountById(sig.acct);
    if (leaf === null || leaf.keyEpoch !== sig.keyEpoch) return null;
    const signer = this.#signer(encodeAccountLeaf(leaf), leaf.policy);
    if (signer !== null) this.addLeaf({ reg: REGISTER.accounts, leaf });
    return signer;
  }

  #signer(leaf: Bytes, policyHash: Bytes): Signer | null {
    const policy = this.#view.state.policyByHash(policyHash);
    return policy === null ? null : { leaf, policy };
  }

  addFields(fields: readonly DisclosedField[]): void {
    for (const { entry, ...field } of fields) {
      const entryClaim = this.#places.get(`entry ${entry}`);
      assert(entryClaim !== undefined, `a field opens a commitment of entry ${entry}, which the receipt holds`);
      this.add({ kind: 'field', entryClaim, ...field });
    }
  }

  finish(withTrust: boolean): Bytes {
    const { header, finality, trust } = this.#view;
    return encodeReceipt({ chain: header.chain, trust: withTrust ? trust : null, header, finality, claims: this.#claims });
  }

  #others(reg: number): LeafClaim['others'] {
    const { state } = this.#view;
    const all = Array.from({ length: REGISTER_COUNT }, (_, at) => at + 1);
    return all.filter((id) => id !== reg).map((id) => regRoot(id, state.register(id).count, state.register(id).root()));
  }
}

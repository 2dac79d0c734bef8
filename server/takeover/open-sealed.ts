/** Sales and people as their envelopes state them, each held against the commitment on the ledger: what does not lead there is not believed. Pure. */
import { encodeSignedOrder, type SignedOrder } from '#ledger/codec/order.ts';
import type { GrantedKey } from '#ledger/crypto/envelope.ts';
import { type Disclosure, SLOT } from '#ledger/crypto/envelope-codec.ts';
import type { OpenField } from '#ledger/merkle/field-tree.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type AccountId, accountIdOf, type OrderId, orderIdOf as orderIdOfBytes, type TradeId, tradeIdOf } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { orderIdOf } from '#ledger/tx/ids.ts';
import {
  committed,
  openForSupervisor,
  type ReadIdentity,
  type ReadPay,
  type ReadTerms,
  readIdentity,
  readPay,
  readTerms,
} from '#server/members/checks/sealed-fields.ts';
import { parseInputText } from '#server/settlement/assessment-document.ts';
import type { OpenedAccount, RecordedTrade } from './read-chain.ts';

export type KnownOrder = {
  readonly orderId: OrderId;
  readonly signed: SignedOrder;
  readonly bytes: Bytes;
  readonly terms: ReadTerms;
  readonly fields: readonly OpenedField[];
};
type OpenedField = { readonly id: number; readonly salt: string; readonly value: string };

export type KnownTrade = {
  readonly tradeId: TradeId;
  readonly recorded: RecordedTrade;
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly pay: ReadPay;
  readonly payFields: readonly OpenedField[];
  readonly sell: KnownOrder;
  readonly buy: KnownOrder;
  readonly settledAt: Instant;
};
export type KnownPerson = { readonly account: OpenedAccount; readonly identity: ReadIdentity; readonly fields: readonly OpenField[] };

/** Null: no key opens it, or it is not what the ledger has. */
export function openTrade(recorded: RecordedTrade, envelope: Uint8Array | null, keys: readonly GrantedKey[]): KnownTrade | null {
  const { op, at } = recorded;
  const opened = envelope === null ? null : openForSupervisor(envelope, op.tradeId, keys);
  if (opened?.kind !== 'opened') return null;
  const [pay, sell, buy] = [SLOT.pay, SLOT.sellTerms, SLOT.buyTerms].map((slot) => opened.bySlot.get(slot));
  if (!leadsTo(pay, op.pay) || !leadsTo(sell, op.sell.order.terms) || !leadsTo(buy, op.buy.order.terms)) return null;
  try {
    const facts = readPay(pay);
    const paidAt = parseInputText(facts.assessmentInput)?.paidAt;
    return {
      tradeId: tradeIdOf(op.tradeId),
      recorded,
      seller: accountIdOf(op.sell.order.acct),
      buyer: accountIdOf(op.buy.order.acct),
      pay: facts,
      payFields: fieldTexts(pay),
      sell: orderOf(op.sell, sell),
      buy: orderOf(op.buy, buy),
      settledAt: instant(paidAt ?? at),
    };
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

export function openPerson(account: OpenedAccount, envelope: Uint8Array | null, keys: readonly GrantedKey[]): KnownPerson | null {
  const opened = envelope === null ? null : openForSupervisor(envelope, account.ref, keys);
  const disclosure = opened?.kind === 'opened' ? opened.bySlot.get(SLOT.identity) : undefined;
  if (!leadsTo(disclosure, account.kyc)) return null;
  try {
    return { account, identity: readIdentity(disclosure), fields: sorted(disclosure).map(({ salt, value }) => ({ salt, value })) };
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

function leadsTo(disclosure: Disclosure | undefined, root: Bytes): disclosure is Disclosure {
  const found = committed(disclosure);
  return found !== null && equalBytes(found, root);
}

const sorted = ({ open }: Disclosure) => [...open].sort((a, b) => a.id - b.id);
const fieldTexts = (disclosure: Disclosure): readonly OpenedField[] =>
  sorted(disclosure).map(({ id, salt, value }) => ({ id, salt: toHex(salt), value: toHex(value) }));

function orderOf(signed: SignedOrder, disclosure: Disclosure): KnownOrder {
  return {
    orderId: orderIdOfBytes(orderIdOf(signed.order)),
    signed,
    bytes: encodeSignedOrder(signed),
    terms: readTerms(disclosure),
    fields: fieldTexts(disclosure),
  };
}

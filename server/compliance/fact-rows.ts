/** Facts as rows and back: `body` holds what is neither kind, id nor time, amounts as digits. */
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Fact } from '#sandbox/surveillance/facts.ts';
import type { Row } from '#server/journal/rows.repo.ts';

export type FactRow = {
  readonly kind: string;
  readonly fact_id: string;
  readonly at: Date;
  readonly body: Readonly<Record<string, unknown>>;
};

export function rowFromFact(fact: Fact, factNo: bigint): Row {
  return { fact_no: String(factNo), kind: fact.kind, fact_id: fact.id, at: new Date(fact.at).toISOString(), body: bodyOf(fact) };
}

function bodyOf(fact: Fact): Readonly<Record<string, unknown>> {
  const { kind: _kind, id: _id, at: _at, ...rest } = fact;
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]));
}

/** A row is input like any other. @throws {ParseError} `fact_malformed` */
export function factFromRow({ kind, fact_id: id, at: time, body }: FactRow): Fact {
  const at = time.getTime();
  const text = (name: string): string => {
    const value = body[name];
    if (typeof value === 'string') return value;
    throw new ParseError('fact_malformed', { fact: id, field: name });
  };
  const party = (name: string) => (body[name] === null ? null : text(name));
  switch (kind) {
    case 'trade':
      return {
        kind,
        id,
        at,
        itemIds: listOf(body.itemIds),
        classId: text('classId'),
        seller: party('seller'),
        buyer: party('buyer'),
        priceFen: BigInt(text('priceFen')),
        quantity: Number(body.quantity),
        ...(typeof body.issuer === 'string' ? { issuer: body.issuer } : {}),
        ...(typeof body.freeAt === 'number' ? { freeAt: body.freeAt } : {}),
      };
    case 'payment':
      return { kind, id, at, from: text('from'), to: text('to'), amountFen: BigInt(text('amountFen')) };
    case 'gift':
      return { kind, id, at, itemId: text('itemId'), classId: text('classId'), from: text('from'), to: text('to') };
    case 'attempt':
      return { kind, id, at, from: text('from'), to: text('to'), classId: text('classId') };
    case 'order':
      return {
        kind,
        id,
        at,
        change: text('change') === 'placed' ? 'placed' : 'canceled',
        account: text('account'),
        classId: text('classId'),
        side: text('side') === 'sell' ? 'sell' : 'buy',
        valueFen: BigInt(text('valueFen')),
      };
    case 'link':
      return { kind, id, at, a: text('a'), b: text('b'), reason: text('reason') };
    case 'account':
      return { kind, id, at, ref: text('ref'), isMinor: body.isMinor === true, issuer: party('issuer') };
    case 'instrument':
      return { kind, id, at, account: text('account') };
    case 'dispute':
      return { kind, id, at, tradeId: text('tradeId') };
    case 'signal':
      return { kind, id, at, account: text('account'), signal: text('signal') };
    default:
      throw new ParseError('fact_malformed', { fact: id, field: 'kind' });
  }
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

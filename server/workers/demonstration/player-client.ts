/** A player's program: signs in, asks for quotes, signs orders as a sheet and sends them. What the browser does, without a browser. The
 *  order is built here from the quote's fields; nothing made elsewhere is signed. */
import { createTRPCClient, httpLink } from '@trpc/client';
import superjson from 'superjson';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { encodeSignedOrder, type Order } from '#ledger/codec/order.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { OpenField } from '#ledger/merkle/field-tree.ts';
import { type Bytes, concat, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { buildOrder, commitTerms } from '#ledger/tx/build-order.ts';
import { signOrders } from '#ledger/tx/sign.ts';
import type { AppRouter } from '#server/trpc/root.ts';
import type { PlaceOrderInput, Quote } from '#server/trpc/views.ts';

export type PlayerClientOptions = {
  readonly base: string;
  readonly acct: string;
  readonly privateKey: Bytes;
  readonly sm2: Sm2;
  readonly random: (length: number) => Bytes;
};

type Transfer = { readonly referenceId: string; readonly amountFen: string };
type DraftOrder = { readonly quote: Quote; readonly referenceId: string };

export function createPlayerClient({ base, acct, privateKey, sm2, random }: PlayerClientOptions) {
  let cookie = '';
  const api = createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: new URL('/api/trpc', base).toString(),
        transformer: superjson,
        headers: () => ({ ...(cookie === '' ? {} : { cookie }), origin: base }),
        fetch: async (input, init) => {
          const response = await fetch(input as RequestInfo, init as RequestInit);
          const set = response.headers.get('set-cookie');
          if (set !== null) cookie = set.split(';')[0] ?? '';
          return response;
        },
      }),
    ],
  });

  const signIn = async (): Promise<void> => {
    const { chain, challenge, issuedAt } = await api.session.challenge.mutate();
    const message = concat(utf8('daoju.sign-in/1\n'), canonicalBytes({ chain, acct, challenge, issuedAt }));
    await api.session.signIn.mutate({ acct, challenge, issuedAt, signature: toHex(sm2.sign(privateKey, message)) });
  };

  /** The key again, over what is asked for (product P-06, 1.5). */
  const prove = async (format: string, asked: Readonly<Record<string, string>>) => {
    const { chain, challenge, issuedAt } = await api.session.challenge.mutate();
    const message = concat(utf8(`${format}\n`), canonicalBytes({ ...asked, chain, acct, challenge, issuedAt }));
    return { challenge, issuedAt, signature: toHex(sm2.sign(privateKey, message)) };
  };
  const deposit = async (transfer: Transfer) => api.money.deposit.mutate({ ...transfer, proof: await prove('daoju.deposit/1', transfer) });
  const withdraw = async (transfer: Transfer) =>
    api.money.withdraw.mutate({ ...transfer, proof: await prove('daoju.withdrawal/1', transfer) });

  /** One batch signature over all orders: a sheet. */
  const signSheet = (drafts: readonly DraftOrder[]): readonly PlaceOrderInput[] => {
    const built = drafts.map(({ quote }) => orderFromQuote(quote, random));
    const [first] = drafts;
    if (first === undefined) return [];
    const { keyIdx, keyEpoch } = first.quote.document;
    const signed = signOrders(
      sm2,
      { acct: fromHex(acct, 32), keyIdx, keyEpoch, privateKey },
      built.map(({ order }) => order),
    );
    return drafts.map(({ quote, referenceId }, index) => {
      const order = signed[index];
      const fields = built[index]?.fields;
      if (order === undefined || fields === undefined) throw new Error('assertion failed: one signature an order');
      return {
        referenceId,
        intent: quote.document.intent,
        targetOrderId: quote.document.targetOrderId,
        signedOrder: toHex(encodeSignedOrder(order)),
        terms: fields.map((field, id) => ({ id, salt: toHex(field.salt), value: toHex(field.value) })),
        quote: { document: quote.document, sig: quote.sig },
      };
    });
  };

  return { api, signIn, prove, deposit, withdraw, signSheet };
}
export type PlayerClient = ReturnType<typeof createPlayerClient>;

/** The order that a quote stands for, with its terms committed. */
export function orderFromQuote(
  { document }: Quote,
  random: (length: number) => Uint8Array,
): { readonly order: Order; readonly fields: readonly OpenField[] } {
  const { root, fields } = commitTerms(
    {
      limitPriceFen: BigInt(document.priceFen),
      currency: 'CNY',
      orderType: document.intent,
      timeInForce: document.timeInForce,
      feeBpsMax: document.feeBps,
      quoteHash: sm3(canonicalBytes(document)),
      disclosureVersion: document.disclosureVersion,
      expression: document.expression,
      smallestFill: document.smallestFill,
    },
    random,
  );
  const order = buildOrder(
    {
      chain: fromHex(document.chain, 32),
      acct: fromHex(document.acct, 32),
      side: document.side,
      cls: document.classSerial,
      items: document.items.map((item) => ({ serial: BigInt(item.serial), ver: document.side === 'sell' ? BigInt(item.ver) : 0n })),
      quantity: document.quantity,
      notBefore: BigInt(Date.parse(document.orderNotBefore)),
      notAfter: BigInt(Date.parse(document.orderNotAfter)),
      termsRoot: root,
      counterparty: counterpartyOf(document),
    },
    random,
  );
  return { order, fields };
}

/** The only one who may be the other side: of a listing for one person, and of every step of an offer. */
function counterpartyOf({ namedBuyer, namedSeller }: Quote['document']): Uint8Array | null {
  const named = namedBuyer ?? namedSeller;
  return named ? fromHex(named, 32) : null;
}

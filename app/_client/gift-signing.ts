/** What giver and recipient sign (P-28): every byte is encoded here from what is on screen, or decoded and compared before it is signed. */
import { decodeTxBody, encodeTxEnv, type TxBody } from '#ledger/codec/tx.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { buildTransfers, transferFor } from '#ledger/tx/build-transfer.ts';
import { signTx } from '#ledger/tx/sign.ts';
import type { Gift, GiftQuote } from '#server/trpc/views.ts';
import { type Signer, signingKey } from './signing.ts';

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
const sm2 = portableSm2(random);

/** One row of a sheet of gifts. */
export type SignedGift = {
  readonly referenceId: string;
  readonly itemId: string;
  readonly to: string;
  readonly transfers: readonly string[];
};

/** All rows under one signature. */
export function signGifts(signer: Signer, quote: GiftQuote, newReferenceId: () => string): readonly SignedGift[] {
  const rows = quote.rows.filter(({ refusal }) => refusal === null);
  const sheets = rows.map(({ serial, ver }) =>
    buildTransfers(
      {
        chain: fromHex(quote.chain, 32),
        serial: BigInt(serial),
        ver: BigInt(ver),
        to: fromHex(quote.recipient.acct, 32),
        from: Date.parse(quote.quotedAt),
        until: Date.parse(quote.acceptUntil),
      },
      random,
    ),
  );
  const envs = signTx(sm2, signingKey(signer), sheets.flat());
  let from = 0;
  return rows.map(({ itemId }, index) => {
    const count = sheets[index]?.length ?? 0;
    const transfers = envs.slice(from, from + count).map((env) => toHex(encodeTxEnv(env)));
    from += count;
    return { referenceId: newReferenceId(), itemId, to: quote.recipient.acct, transfers };
  });
}

/** Null: none of its windows is open now. @throws when the bytes are not this gift to this account */
export function signAcceptance(signer: Signer, gift: Gift, nowMs: number): string | null {
  const body = transferFor(
    gift.bodies.map((hex) => decodeTxBody(fromHex(hex))),
    nowMs,
  );
  if (body === null) return null;
  if (!isGiftTo(body, signer.me.acct)) throw new Error('the bytes of this gift say something else');
  const [env] = signTx(sm2, signingKey(signer), [body]);
  return env === undefined ? null : toHex(encodeTxEnv(env));
}

function isGiftTo({ op }: TxBody, acct: string): boolean {
  return op.kind === 'transfer' && toHex(op.to) === acct;
}

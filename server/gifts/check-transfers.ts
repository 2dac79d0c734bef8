/** What giver and recipient have signed: the bytes must say exactly what the gift says, whoever made them. Pure. */
import { decodeTxEnv, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { equalBytes, fromHex, isZero, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { coverTransfers, transferFor } from '#ledger/tx/build-transfer.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import type { ExchangeCode } from '#server/exchange/codes.ts';

const WINDOWS_MAX = 8;

export type TransfersAnswer =
  | { readonly kind: 'read'; readonly serial: bigint; readonly ver: bigint; readonly envs: readonly TxEnv[] }
  | { readonly kind: 'rejected'; readonly code: ExchangeCode };

/** Transfers of one item at one version to one account, without pause from now until the gift ends. */
export function readTransfers(
  transfers: readonly string[],
  gift: { readonly chain: Uint8Array; readonly to: AccountId; readonly from: Instant; readonly until: Instant },
): TransfersAnswer {
  const refuse = (code: ExchangeCode): TransfersAnswer => ({ kind: 'rejected', code });
  if (transfers.length === 0 || transfers.length > WINDOWS_MAX) return refuse('gift_malformed');
  const envs: TxEnv[] = [];
  for (const transfer of transfers) {
    const env = readEnv(transfer);
    if (env === null) return refuse('gift_malformed');
    envs.push(env);
  }
  const [first] = envs;
  if (first === undefined || first.body.op.kind !== 'transfer') return refuse('gift_malformed');
  const { serial, ver } = first.body.op;
  for (const { body } of envs) {
    const { op } = body;
    if (!equalBytes(body.chain, gift.chain)) return refuse('wrong_chain');
    if (op.kind !== 'transfer' || op.serial !== serial || op.ver !== ver || toHex(op.to) !== gift.to) return refuse('gift_malformed');
    if (!isZero(op.pay) || !isZero(op.env)) return refuse('gift_malformed');
  }
  const bodies = envs.map(({ body }) => body);
  return coverTransfers(bodies, gift.from, gift.until) ? { kind: 'read', serial, ver, envs } : refuse('gift_window');
}

export type AcceptanceAnswer =
  | { readonly kind: 'read'; readonly env: TxEnv; readonly by: TxEnv }
  | { readonly kind: 'rejected'; readonly code: ExchangeCode };

/** `env`: the giver's, of the window that is open now; `by`: the same body as the recipient signed it. */
export function readAcceptance(transfer: string, stored: readonly TxEnv[], now: Instant): AcceptanceAnswer {
  const by = readEnv(transfer);
  if (by === null) return { kind: 'rejected', code: 'gift_malformed' };
  const env = stored.find(({ body }) => equalBytes(txIdOf(body), txIdOf(by.body)));
  if (env === undefined) return { kind: 'rejected', code: 'gift_malformed' };
  const isOpen = transferFor([env.body], now) !== null;
  return isOpen ? { kind: 'read', env, by } : { kind: 'rejected', code: 'gift_window' };
}

export function bodiesOf(stored: readonly Uint8Array[]): readonly TxBody[] {
  return stored.map((bytes) => decodeTxEnv(bytes).body);
}

function readEnv(hex: string): TxEnv | null {
  try {
    return decodeTxEnv(fromHex(hex));
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

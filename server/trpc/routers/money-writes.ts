/** Paying in and out (product P-38): the halves of the money router that change something. Each is asked for under the key again (1.5): who
 *  sits down at an open browser, or has its cookie, moves no money. */
import { z } from 'zod';
import { type Fen, parseFen } from '#ledger/primitives/fen.ts';
import { parseReferenceId } from '#ledger/primitives/ids.ts';
import { EXCHANGE_REFUSALS } from '#server/exchange/codes.ts';
import type { TransferAnswer } from '#server/exchange/market.ts';
import type { Player } from '#server/identity/identity.ts';
import type { RefusalKind } from '#server/refusal.ts';
import type { CallContext } from '../context.ts';
import { identityRefusal, refusal } from '../errors.ts';
import { playerProcedure } from '../init.ts';
import type { Transfer } from '../views.ts';
import { proofInput, proofOf } from './proof.schema.ts';

const transferInput = z.strictObject({
  /** Chosen by the caller: the same one with the same amount is the same transfer, whenever it is sent. */
  referenceId: z.string().min(1).max(64).transform(parseReferenceId),
  amountFen: z
    .string()
    .regex(/^[1-9][0-9]{0,11}$/, 'a whole number of fen')
    .transform((text): Fen => parseFen(text)),
  /** Over `daoju.deposit/1` or `daoju.withdrawal/1` with the reference and the amount. */
  proof: proofInput,
});
type TransferInput = z.output<typeof transferInput>;

function answerOf(answer: TransferAnswer): Transfer & { readonly replayed: boolean } {
  if (answer.kind === 'requested') return { ...answer.transfer, replayed: answer.replayed };
  const { code, facts } = answer;
  throw refusal(KINDS[code] ?? 'unprocessable', code, EXCHANGE_REFUSALS[code].message, facts);
}

const KINDS: Readonly<Partial<Record<string, RefusalKind>>> = {
  reference_conflict: 'conflict',
  level_required: 'forbidden',
  payout_account_missing: 'forbidden',
  withdrawal_on_hold: 'forbidden',
  unavailable: 'unavailable',
};

/** @throws the refusal of a signature that is not fresh, or not by this player over this transfer */
async function requireKey(
  { services, player }: PlayerContext,
  kind: 'deposit' | 'withdrawal',
  { referenceId, amountFen, proof }: TransferInput,
) {
  const asked = { referenceId, amountFen: amountFen.toString() };
  const refused = await services.identity.confirm(player.acct, `daoju.${kind}/1`, asked, proofOf(proof));
  if (refused !== null) throw identityRefusal(refused);
}
type PlayerContext = Pick<CallContext, 'services'> & { readonly player: Player };

export const moneyWrites = {
  deposit: playerProcedure.input(transferInput).mutation(async ({ ctx, input }) => {
    await requireKey(ctx, 'deposit', input);
    return answerOf(await ctx.services.market.deposit(ctx.player, input));
  }),
  withdraw: playerProcedure.input(transferInput).mutation(async ({ ctx, input }) => {
    await requireKey(ctx, 'withdrawal', input);
    const { identity, market } = ctx.services;
    const { acct } = ctx.player;
    const refused = await identity.screenBeforePayout(acct);
    if (refused !== null) throw identityRefusal(refused);
    // With the hold that a hit has set.
    return answerOf(await market.withdraw((await identity.getPlayer(acct)) ?? ctx.player, input));
  }),
};

/** The tax reserve with its parties: proofs, the office that is asked, what comes free by itself, and who says that the money is missing. */
import { parseTradeId } from '#ledger/primitives/ids.ts';
import { message } from '#server/exchange/messages.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Log } from '#server/log.ts';
import { askTaxOffice, type ProofGround } from './filing-proofs.ts';
import { freeReserves } from './free-reserves.ts';
import { refuseReserve } from './reserve-codes.ts';
import { findKeptFor, insertComplaint } from './reserves.repo.ts';
import type { SimulatedTaxOffice } from './simulated-tax-office.ts';

export type ReservesGround = ProofGround & { readonly log: Log };
export interface Reserves extends ProofGround {
  /** Of a demonstration; any other chain has none, and the tax supervisor decides about proofs. */
  readonly office: SimulatedTaxOffice | null;
  /** Asks the office about proofs that wait, and frees what has come free. @returns how many steps came */
  turn(): Promise<number>;
}

export function openReserves(ground: ReservesGround, office: SimulatedTaxOffice | null): Reserves {
  const ask = async () => {
    if (office === null) return 0;
    // An office that fails holds up nothing that comes free by its date.
    return askTaxOffice(ground, office).catch((error: unknown) => {
      ground.log.error({ error }, "couldn't ask the tax office about proofs of filing; the next turn tries again");
      return 0;
    });
  };
  return { ...ground, office, turn: async () => (await ask()) + (await freeReserves(ground)) };
}

/** That the money of a sale is missing (the guardrail of X1), once for each sale. @throws {RefusalError} */
export async function complainOfReserve(
  { sql, clock, outbox }: Pick<ProofGround, 'sql' | 'clock' | 'outbox'>,
  { acct }: Player,
  tradeId: string,
  text: string,
): Promise<void> {
  await sql.begin(async (tx) => {
    const experimentId = await findKeptFor(tx, acct, tradeId);
    if (experimentId === null) throw refuseReserve('reserve_unknown');
    const at = clock.now();
    const isNew = await insertComplaint(tx, { tradeId: parseTradeId(tradeId), experimentId, acct, at, text });
    if (!isNew) throw refuseReserve('reserve_complained');
    await outbox.append(tx, [message('sup:tax', 'sbx.complaint', at, { tradeId, experimentId, sellerRef: acct, text })]);
  });
}

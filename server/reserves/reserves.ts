/** The tax reserve with its parties: proofs, the office that is asked, what comes free by itself. */
import type { Log } from '#server/log.ts';
import { askTaxOffice, type ProofGround } from './filing-proofs.ts';
import { freeReserves } from './free-reserves.ts';
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

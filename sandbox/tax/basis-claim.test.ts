import { expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { PACK_CN_2026_1 as CN } from '../packs/cn/pack-2026-1.ts';
import type { Basis } from './assessment.ts';
import { type BasisFault, type ItemOrigin, refuseBasisClaim } from './basis-claim.ts';

const bought = (costFen: bigint): ItemOrigin => ({ kind: 'bought', costFen: fen(costFen) });
const [ISSUED, GIVEN, UNKNOWN]: readonly ItemOrigin[] = [{ kind: 'issued' }, { kind: 'given' }, { kind: 'unknown' }];
const paid = (costFen: bigint, flags: readonly string[] = []): Basis => ({
  ...{ mode: 'COST', costFen: fen(costFen), source: 'PLATFORM_RECORD', flags },
});
const PARTLY = ['COST_PARTLY_UNPROVEN'];
const NONE: Basis = { mode: 'PCT_OF_REVENUE', costFen: null, source: 'NONE', flags: [] };
const EARNED: Basis = { mode: 'ZERO_COST', costFen: fen(0n), source: 'EARNED', flags: [] };
const GIFT: Basis = { mode: 'COST', costFen: fen(0n), source: 'GIFT_RECEIVED', flags: [] };

test.each<[string, Basis | null, readonly (ItemOrigin | undefined)[], BasisFault | null]>([
  ['the price of the certified purchase', paid(70n), [bought(70n)], null],
  ['what several purchases cost together', paid(100n), [bought(70n), bought(30n)], null],
  ['those that were bought, and of the others nothing', paid(70n, PARTLY), [bought(70n), ISSUED], null],
  ['a fen more than was paid', paid(71n), [bought(70n)], 'wrong'],
  ['a fen less', paid(69n), [bought(70n)], 'wrong'],
  ['no flag where a part has no proof', paid(70n), [bought(70n), ISSUED], 'wrong'],
  ['no cost, so that 3 % of the revenue are due', NONE, [bought(70n)], 'hidden'],
  ['play, although it was bought', EARNED, [bought(70n), ISSUED], 'hidden'],
  ['a purchase that never was', paid(70n), [ISSUED], 'invented'],
  ['a purchase of what was given', paid(70n), [GIVEN], 'invented'],
  ['a case of the rulebook', { ...paid(70n), source: 'STATED' }, [ISSUED], 'invented'],
  ['no cost of what was issued', NONE, [ISSUED], null],
  ['play', EARNED, [ISSUED], null],
  ['play with a cost', { ...EARNED, mode: 'COST', costFen: fen(5n) }, [ISSUED], 'wrong'],
  ['a gift', GIFT, [GIVEN], null],
  ['a gift with a cost of its own', { ...GIFT, costFen: fen(5n) }, [GIVEN], 'wrong'],
  ['no cost of a gift', NONE, [GIVEN], 'wrong'],
  ['no cost of a gift and an issue together', NONE, [GIVEN, ISSUED], null],
  ['a voucher that a paper proves', { ...paid(5n), source: 'VOUCHER' }, [ISSUED], null],
  ['a voucher beside a known purchase', { ...paid(75n), source: 'VOUCHER' }, [bought(70n)], 'hidden'],
  ['nothing at all', null, [ISSUED], 'wrong'],
  ['whatever of what cannot be read here', paid(70n), [UNKNOWN], null],
  ['at least the part that can', paid(75n), [bought(70n), UNKNOWN], null],
  ['less than that part', paid(69n), [bought(70n), UNKNOWN], 'wrong'],
])('a sale may claim or not: %s', (_, basis, origins, fault) => {
  expect(
    refuseBasisClaim(
      CN,
      basis,
      origins.flatMap((origin) => origin ?? []),
    ),
  ).toBe(fault);
});

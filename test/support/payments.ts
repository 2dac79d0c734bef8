/** Deposits and withdrawals on a test database with a ledger, without the rest of the market: a player is what the caller says. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { parseAccountId, parseReferenceId } from '#ledger/primitives/ids.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import type { TransferAnswer } from '#server/exchange/market.ts';
import type { Player } from '#server/identity/identity.ts';
import { silentLog } from '#server/log.ts';
import { appendOutbox } from '#server/outbox/append-outbox.ts';
import { openPayments, type Payments, type PaymentsGround, type PaymentsOptions } from '#server/payments/open-payments.ts';
import type { Random } from '#server/random.ts';
import { openTestLedger, type TestLedger, testOwner } from './ledger.ts';
import { seededRandom } from './seeded-random.ts';

export interface TestPayments {
  readonly ledger: TestLedger;
  readonly ground: PaymentsGround;
  readonly payments: Payments;
  /** Turns until nothing is due any more, moving the clock on when one is given. */
  rest(advance?: () => void): Promise<void>;
}

export async function openTestPayments(
  sql: Sql,
  options: { readonly clock: Clock; readonly seed?: string; readonly keysDir?: string; readonly random?: Random } & PaymentsOptions,
): Promise<TestPayments> {
  const { clock, seed = 'payments', keysDir } = options;
  const ledger = await openTestLedger(sql, { seed, ...(keysDir === undefined ? {} : { keysDir }) });
  const random = options.random ?? seededRandom(seed);
  const ground: PaymentsGround = { sql, clock, random, log: silentLog, ledger: ledger.node, outbox: { append: appendOutbox } };
  const payments = openPayments(ground, options);
  const rest = async (advance: () => void = () => undefined) => {
    for (let quiet = 0; quiet < 4; ) {
      advance();
      quiet = (await payments.turn()) ? 0 : quiet + 1;
    }
  };
  return { ledger, ground, payments, rest };
}

export function testPlayer(name: string, facts: Partial<Player> = {}): Player {
  return {
    acct: parseAccountId(toHex(testOwner(name).acct)),
    displayName: name,
    level: 'R2',
    birthDate: '1990-01-01',
    hasRecovery: true,
    isDemonstration: true,
    holds: [],
    hasOpenAmlCase: false,
    ...facts,
  };
}

export const transfer = (referenceId: string, amountFen: bigint) => ({
  referenceId: parseReferenceId(referenceId),
  amountFen: fen(amountFen),
});

export const outcomeOf = (answer: TransferAnswer): string =>
  answer.kind === 'rejected' ? answer.code : `${answer.transfer.state}${answer.replayed ? ' again' : ''}`;

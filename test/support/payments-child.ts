/**
 * A process that pays in and out until it is killed. It says what it was answered, so that a test can hold the next process to it.
 *
 *   node test/support/payments-child.ts DATABASE_URL KEYS_DIR FIRST
 */
import { systemClock } from '#server/clock.ts';
import { openDatabase } from '#server/db.ts';
import { systemRandom } from '#server/random.ts';
import { openTestPayments, testPlayer, transfer } from './payments.ts';

const [, , url = '', keysDir = '', first = '0'] = process.argv;
const say = (line: string) => process.stdout.write(`${line}\n`);

const { payments } = await openTestPayments(openDatabase(url, { max: 4 }), {
  clock: systemClock,
  random: systemRandom,
  keysDir,
  pace: { workMs: 12, callbackMs: 6, repeatMs: 20 },
});
payments.start();
say('ready');
const player = testPlayer('amy', { level: 'R3' });
for (let number = Number(first); ; number++) {
  // Every path: accepted, declined, late, and withdrawals of what is there.
  const amountFen = [500n, 513n, 514n, 700n][number % 4] ?? 500n;
  const isWithdrawal = number % 3 === 2;
  const request = transfer(`ref-${number}`, isWithdrawal ? amountFen - 300n : amountFen);
  const answer = isWithdrawal ? await payments.withdraw(player, request) : await payments.deposit(player, request);
  if (answer.kind === 'requested') say(`requested ${answer.transfer.id}`);
  await new Promise((resolve) => setTimeout(resolve, 5));
}

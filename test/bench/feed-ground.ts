/** What the benches of the feed share: a supervisor's session, and the messages of a trade. */
import type { systemClock } from '#server/clock.ts';
import type { openDatabase } from '#server/db.ts';
import { insertStaffSession } from '#server/identity/sessions.repo.ts';
import { drawToken, hashToken } from '#server/identity/sessions.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import type { systemRandom } from '#server/random.ts';
import type { StaffRole } from '#server/trpc/views.ts';

type Ground = { readonly sql: ReturnType<typeof openDatabase>; readonly clock: typeof systemClock; readonly random: typeof systemRandom };

export async function staffCookie({ sql, clock, random }: Ground, role: string): Promise<string> {
  const { token, sessionId } = drawToken(random);
  const staff = { staffId: role, name: role, role: role as StaffRole, organisation: 'bench', certificateSerial: '01' };
  await insertStaffSession(sql, { sessionId, tokenHash: hashToken(token), now: clock.now(), staff });
  return `daoju_staff=${token}`;
}

/** What one trade tells the three rooms, as the market does (`server/exchange/messages.ts`). */
export function tradeMessages(n: number, at: ReturnType<typeof systemClock.now>): readonly NewMessage[] {
  const tradeId = `trd_${n.toString(16).padStart(32, '0')}`;
  const [sellerRef, buyerRef] = [`acc_${'a'.repeat(64)}`, `acc_${'b'.repeat(64)}`];
  const lines = ['CN-VAT', 'CN-UMCT', 'CN-ES', 'CN-LES', 'CN-IIT'].map((id) => ({
    id,
    baseFen: '500000',
    rate: '1/100',
    amountFen: '4950',
  }));
  return [
    {
      room: 'sup:tax',
      type: 'tax.trade.assessed',
      at,
      body: {
        tradeId,
        orderId: tradeId,
        sellerRef,
        type: 'P2P',
        grossFen: '500000',
        costBasisFen: null,
        lines,
        totalFen: '24750',
        isTaxable: true,
        flags: [],
        packHash: 'c'.repeat(64),
        day: '2026-11-27',
      },
    },
    {
      room: 'sup:market',
      type: 'mkt.trade',
      at,
      body: {
        tradeId,
        classId: `cls_${'d'.repeat(32)}`,
        priceFen: '500000',
        refPriceFen: '490000',
        quantity: 1,
        mechanism: 'fixed_price',
        sellerRef,
        buyerRef,
        experimentId: null,
        flags: [],
      },
    },
    {
      room: 'sup:finance',
      type: 'fin.payment',
      at,
      body: { paymentId: tradeId, kind: 'capture', fromRef: buyerRef, toRef: sellerRef, amountFen: '500000', tradeId, providerRef: null },
    },
  ];
}

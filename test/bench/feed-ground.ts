/** What the benches of the feed share: the program on a database of its own, a supervisor's session, and the messages of a trade. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '#server/clock.ts';
import { migrate, openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { type HttpOptions, startHttp } from '#server/http/start-http.ts';
import { insertStaffSession } from '#server/identity/sessions.repo.ts';
import { drawToken, hashToken } from '#server/identity/sessions.ts';
import { silentLog } from '#server/log.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import { systemRandom } from '#server/random.ts';
import { startServices } from '#server/start-services.ts';
import type { StaffRole } from '#server/trpc/views.ts';

export type Services = Awaited<ReturnType<typeof startServices>>['services'];
export type FeedGround = {
  readonly base: string;
  readonly services: Services;
  /** The cookie of somebody of this role. */
  readonly signIn: (role: string) => Promise<string>;
};

/** Runs `work` against the program; whatever comes of it, nothing is left behind. */
export async function withFeedGround<T>(pages: HttpOptions['pages'], work: (ground: FeedGround) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-bench-'));
  const postgres = await startPostgres({ dir: path.join(folder, 'postgres') });
  const sql = openDatabase(postgres.url, { max: 6 });
  try {
    await migrate(sql);
    const ground = { sql, clock: systemClock, random: systemRandom, log: silentLog };
    const started = await startServices({ ...ground, dataDir: folder, isDemonstration: true, workers: 0 });
    const options = { host: '127.0.0.1', port: 0, publicOrigin: null, random: systemRandom, log: silentLog, limitScale: 1_000 };
    const http = await startHttp({ ...options, pages });
    http.attach(started.services, started.exportDir);
    const result = await work({ base: http.base, services: started.services, signIn: (role) => staffCookie(sql, role) });
    await http.stop();
    await started.stop();
    return result;
  } finally {
    await sql.end();
    await postgres.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function staffCookie(sql: Sql, role: string): Promise<string> {
  const { token, sessionId } = drawToken(systemRandom);
  const staff = { staffId: role, name: role, role: role as StaffRole, organisation: 'bench', certificateSerial: '01' };
  await insertStaffSession(sql, { sessionId, tokenHash: hashToken(token), now: systemClock.now(), staff });
  return `daoju_staff=${token}`;
}

/** What one trade tells the three rooms, as the market does (`server/exchange/messages.ts`). */
export function tradeMessages(n: number, at: ReturnType<typeof systemClock.now>): readonly NewMessage[] {
  const tradeId = `trd_${n.toString(16).padStart(32, '0')}`;
  const [sellerRef, buyerRef] = ['a'.repeat(64), 'b'.repeat(64)];
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

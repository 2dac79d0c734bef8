/** SQL of the large-value counters (rulebook CN-AML-03): what moved between a customer's accounts at the institution and anybody else's. */
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { MoneyFlow } from '#sandbox/surveillance/large-value.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

/**
 * One flow a customer and entry: what moves between own pots sums to nothing. Money that comes back the way it went, by a reversal or because it
 * came too late, is no payment of its own. Who is no player is an organisation: studios, the operator, the guarantee fund.
 */
export async function listMoneyFlows(tx: Tx, from: Instant, before: Instant): Promise<readonly MoneyFlow[]> {
  const rows = await query<{ ref: string; at: string; fen: string; is_abroad: boolean; is_entity: boolean }>(
    tx,
    `select f.ref, f.at, f.fen, f.is_abroad, not exists (select from identity.players i where i.acct = f.ref) as is_entity
     from (select e.number, p.ref, (extract(epoch from e.at) * 1000)::bigint::text as at, sum(p.amount_fen)::text as fen, e.is_abroad
       from psp.entries e join psp.postings p using (source)
       where e.at >= $1 and e.at < $2 and e.kind not in ('reversal', 'refund') and p.ref <> 'reserve'
       group by e.number, e.at, e.is_abroad, p.ref having sum(p.amount_fen) <> 0) f
     order by f.number, f.ref`,
    [toIso(from), toIso(before)],
  );
  return rows.map((row) => ({
    ref: row.ref,
    isEntity: row.is_entity,
    at: instant(Number(row.at)),
    amountFen: BigInt(row.fen),
    isAbroad: row.is_abroad,
  }));
}

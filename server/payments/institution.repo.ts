/** Books of the simulated institution: it reads our instructions in their order and nothing else of ours. */
import type { Sql, Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { ProviderBalance } from './provider.ts';

const BATCH = 1000;

/** @returns how many instructions were followed */
export async function followInstructions(tx: Tx): Promise<number> {
  const [cursor] = await query<{ last_id: string }>(tx, "select last_id from psp.cursor where name = 'instructions' for update");
  const due = `select instruction_id, movements from payments.instructions where instruction_id > $1::bigint order by instruction_id limit ${BATCH}`;
  const from = cursor?.last_id ?? '0';
  const [last] = await query<{ last_id: string | null; total: number }>(
    tx,
    `select max(instruction_id) as last_id, count(*)::int as total from (${due}) d`,
    [from],
  );
  if (last === undefined || last.last_id === null) return 0;
  const moves = `select m.ref, m.pot, sum(m.amount)::bigint as amount from (${due}) d, jsonb_to_recordset(d.movements) as m(ref text, pot text, amount bigint) group by m.ref, m.pot`;
  await query(tx, `insert into psp.accounts (ref, pot, balance_fen) select ref, pot, 0 from (${moves}) s on conflict do nothing`, [from]);
  await query(
    tx,
    `update psp.accounts a set balance_fen = a.balance_fen + s.amount from (${moves}) s where a.ref = s.ref and a.pot = s.pot and s.amount <> 0`,
    [from],
  );
  await query(tx, "update psp.cursor set last_id = $1::bigint where name = 'instructions'", [last.last_id]);
  return last.total;
}

export async function listPots(sql: Sql, ref: string): Promise<readonly ProviderBalance[]> {
  const rows = await query<{ ref: string; pot: string; balance_fen: string }>(
    sql,
    'select ref, pot, balance_fen from psp.accounts where ref = $1 order by pot',
    [ref],
  );
  return rows.map((row) => ({ ref: row.ref, pot: row.pot, amountFen: BigInt(row.balance_fen) }));
}

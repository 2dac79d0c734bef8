/** A game with one kind as rows alone, for tests that only name them. */
import type postgres from 'postgres';

export type PlantedKind = { readonly gameId: string; readonly classId: string };

export async function plantKind(sql: postgres.Sql): Promise<PlantedKind> {
  const [gameId, classId] = [`gam_${'1'.repeat(32)}`, `cls_${'1'.repeat(32)}`];
  const acct = '1'.repeat(64);
  await sql`insert into catalogue.games (game_id, studio_acct, game_ref, name_en, approval_no, heartbeat_at, created_at)
    values (${gameId}, ${acct}, 'planted', 'Planted', 'ISBN 978-7-0000-0000-0', now(), now())`;
  await sql`insert into catalogue.item_classes (class_id, ledger_serial, studio_acct, game_id, class_ref, name_en, category, type, icon,
      royalty_bps, fee_bps, publicity_hours, protection_hours, resale_wait_trading_days, collectible, interchangeable, giftable, origin,
      tx_id, reference_id, created_at)
    values (${classId}, 999999, ${acct}, ${gameId}, 'planted', 'Planted', 'weapon', 'sword', 'broadsword',
      200, 500, 0, 168, 0, false, true, true, 'PLAY', decode(repeat('00', 32), 'hex'), 'planted', now())`;
  return { gameId, classId };
}

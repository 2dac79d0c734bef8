/** Ends of games that came to the ledger past this market: decided by supervisor and notary (`ledger.md` 13.3), or before a takeover. They
 *  get their row like those that were announced here, so that pages, checklist and the clock of silence know of them. */
import { RECORD } from '#ledger/codec/leaves.ts';
import type { CertifiedBlock } from '#ledger/node/types.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { accountIdOf } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { NO_TERMS } from '#sandbox/packs/no-terms.ts';
import type { Ground } from '#server/context.ts';
import { findEnding, insertSunset, listAnnounced } from './sunset.repo.ts';

export const hasSunset = ({ txs }: Pick<CertifiedBlock, 'txs'>): boolean =>
  txs.some(({ entry }) => entry.env.body.op.kind === 'studio_sunset');

export async function followSunsets({ sql, ledger }: Pick<Ground, 'sql' | 'ledger'>): Promise<void> {
  const records = ledger.certified.state.recordsOfKind(RECORD.sunset);
  if (records.length === 0) return;
  const known = await listAnnounced(sql);
  for (const { key, a, lastEntry } of records) {
    const acct = accountIdOf(key);
    if (known.has(acct)) continue;
    const ending = await findEnding(sql, acct);
    const entry = (await ledger.entry(lastEntry))?.entry ?? null;
    if (ending === null || entry?.env.body.op.kind !== 'studio_sunset') continue;
    const { op } = entry.env.body;
    const txId = txIdOf(entry.env.body);
    const height = (await ledger.status(txId))?.height ?? null;
    const block = height === null ? null : await ledger.block(height);
    if (block === null) continue;
    await insertSunset(sql, acct, {
      gameId: ending.gameId,
      endsAt: instant(Number(a)),
      archive: toHex(op.archive),
      successor: op.successor === null ? null : toHex(op.successor),
      refundTerms: ending.terms ?? NO_TERMS,
      cause: entry.env.sigs.some(({ acct: signer }) => accountIdOf(signer) === acct) ? 'studio' : 'members',
      txId,
      announcedAt: instant(Number(block.header.sealedAt)),
    });
  }
}

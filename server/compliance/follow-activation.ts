/** Packs that came into force past the page: signed on a supervisor's own machine (`cli -- activate-pack`), and taken by any member. They get
 *  their row and their news like those that were activated here. */
import { RECORD } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { instant, toIso } from '#ledger/primitives/instant.ts';
import { recordKey, txIdOf } from '#ledger/tx/ids.ts';
import { findPackByHash, packHash } from '#sandbox/packs/pack.ts';
import { JURISDICTION } from '#server/exchange/active-pack.ts';
import { message } from '#server/exchange/messages.ts';
import { findProposalByHash, insertPack, listActivatedPacks, markActivated } from './packs.repo.ts';
import type { PackGround } from './packs.ts';

/** A market takes no rules whose document it does not have: it ships, or was proposed here. */
export const isKnownActivation = (op: Op): boolean =>
  op.kind !== 'rule_pack_activate' || op.jurisdiction !== JURISDICTION || findPackByHash(toHex(op.pack)) !== null;

/** Answers how many it has told. */
export function followActivations({ sql, ledger, clock, outbox }: PackGround): () => Promise<number> {
  /** Its row is there: asked of the database once. */
  let followed: string | null = null;
  return async () => {
    const record = ledger.certified.state.record(RECORD.rulePack, recordKey.rulePack(JURISDICTION));
    const hash = record === null ? null : toHex(record.value);
    const pack = hash === null ? null : findPackByHash(hash);
    if (record === null || hash === null || pack === null || followed === hash) return 0;
    const env = (await ledger.entry(record.lastEntry))?.entry.env ?? null;
    if (env?.body.op.kind !== 'rule_pack_activate' || !equalBytes(env.body.op.pack, record.value)) return 0;
    const { op } = env.body;
    const from = instant(Number(record.a));
    const now = clock.now();
    const told = await sql.begin(async (tx) => {
      if ((await listActivatedPacks(tx)).some((each) => packHash(each.pack) === hash)) return 0;
      await insertPack(tx, pack, from, { zh: `规则包 ${pack.id} ${pack.version}`, en: `Rule pack ${pack.id} ${pack.version}` });
      const proposal = await findProposalByHash(tx, hash);
      if (proposal?.state === 'public') await markActivated(tx, proposal.proposalId, now, txIdOf(env.body));
      const facts = { packId: pack.id, version: pack.version, packHash: hash, effectiveFrom: toIso(from) };
      await outbox.append(tx, [
        message('public', 'pack.state', now, { ...facts, from: null, to: op.tighten === 1 ? 'active' : 'announced' }),
      ]);
      return 1;
    });
    followed = hash;
    return told;
  };
}

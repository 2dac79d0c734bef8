/** `cli promote`: the market of an operator that is gone, written anew at the member that the others have made operator. */
import path from 'node:path';
import { ROLE } from '#ledger/codec/config.ts';
import { decodeGenesis } from '#ledger/codec/genesis.ts';
import { demonstrationOrganisation } from '#ledger/node/account-signer.ts';
import { requireNodeKey } from '#ledger/node/keys.ts';
import { holdsRole } from '#ledger/node/membership.ts';
import { holdNode } from '#ledger/node/node-lock.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { readChain } from '#ledger/node/store/blocks.ts';
import { accountIdOf } from '#ledger/primitives/ids.ts';
import { systemClock } from '#server/clock.ts';
import { AGREEMENT_VERSION } from '#server/identity/registration.ts';
import { openRecordKey } from '#server/identity/sealed-record.ts';
import { silentLog } from '#server/log.ts';
import { rebuildCandles } from '#server/market/candle-buckets.repo.ts';
import { openDocuments } from '#server/members/documents.ts';
import { openMedia } from '#server/members/media.ts';
import { accountKeys, type MemberSite } from '#server/members/member-site.ts';
import { systemRandom } from '#server/random.ts';
import { takeHandOver } from '#server/takeover/hand-over.ts';
import { insertHandOver, listHandOvers } from '#server/takeover/sealed-purchases.repo.ts';
import { type TakeOverAnswer, takeOver } from '#server/takeover/take-over.ts';
import { type Installation, withInstitution } from './database.ts';

export type PromoteAnswer = (TakeOverAnswer | { readonly kind: 'not_operator' }) & { readonly organisation: string };

export async function promote(site: MemberSite, installation: Installation, handOver: string | null): Promise<PromoteAnswer> {
  const { sql, keysDir, dataDir, environment } = installation;
  const { acct, name } = accountKeys(site);
  if (site.self === null || !holdsRole(site.config, ROLE.operator, acct)) return { kind: 'not_operator', organisation: name };
  const lock = await holdNode(sql);
  try {
    const ground = { sql, chain: site.chain, sm2: startSm2().sm2, keys: { ...site.keys, node: requireNodeKey(site.keys) } };
    if (handOver !== null) {
      const { from } = await takeHandOver(ground, handOver, site.self, site.config.members);
      await insertHandOver(sql, from, systemClock.now());
    }
    const handedOver = await listHandOvers(sql);
    const supervisors = site.config.members.filter(({ role }) => role === ROLE.supervisor);
    const stored = await readChain(sql);
    const isDemonstration = stored !== null && decodeGenesis(stored.genesis).demonstration === 1;
    const documents = openDocuments({
      dir: path.join(dataDir, 'documents'),
      sources: () => [],
      elapsed: () => performance.now(),
      log: silentLog,
    });
    const media = openMedia({
      dir: path.join(dataDir, 'media'),
      documents,
      sources: () => [],
      bytesMax: () => site.config.limits.mediaBytes,
      log: silentLog,
    });
    const member = site.self.id;
    const answer = await withInstitution(sql, environment.institutionUrl, (provider, institutionSql) =>
      takeOver({
        ...{ sql, member, operator: accountIdOf(acct), now: systemClock.now() },
        isAllOpen: supervisors.every(({ id }) => handedOver.has(id)),
        institution: { provider, sql: institutionSql },
        encryptionKey: site.keys.encryption.privateKey,
        document: documents.kept,
        media: { art: media.find, bytesMax: site.config.limits.mediaBytes },
        people: {
          demo: isDemonstration ? { notary: demonstrationOrganisation('notary') } : null,
          recordKey: openRecordKey(keysDir, systemRandom),
          agreementVersion: AGREEMENT_VERSION,
        },
      }),
    );
    if (answer.kind === 'taken_over') await rebuildCandles(sql, systemClock.now());
    return { ...answer, organisation: name };
  } finally {
    await lock.release();
  }
}

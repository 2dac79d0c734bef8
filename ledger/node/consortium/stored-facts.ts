/** What the tables hold for the reducer at its start (`ledger.md` 10.5). */
import { decodeSubmitPromise } from '#ledger/codec/header.ts';
import { decodeRecovery, decodeSeal } from '#ledger/codec/recovery.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import type { AdmittedTx } from '../reducer/events.ts';
import type { StoredFacts } from '../reducer/start.ts';
import { readAllSeals, readRecoveries, readSignedAbove, readSignedEpoch, readStanding } from '../signer/signing-records.ts';
import { readOpenPromises, readPeerSeals, readProposalsAbove } from '../store/consortium.ts';

export interface Start {
  readonly self: number;
  readonly waiting: readonly AdmittedTx[];
}

export async function readStoredFacts(chain: CertifiedChain, { self, waiting }: Start): Promise<StoredFacts> {
  const { sql, tip, state, genesis } = chain;
  const { height } = tip.header;
  const signed = await readSignedAbove(sql, height);
  const [seals, peerSeals, recoveries, bodies, promises, signedEpoch, standing] = await Promise.all([
    readAllSeals(sql),
    readPeerSeals(sql, chain.config.epoch),
    readRecoveries(sql),
    readProposalsAbove(sql, height),
    readOpenPromises(sql),
    readSignedEpoch(sql),
    readStanding(sql),
  ]);
  const accepted = recoveries.map(decodeRecovery);
  const configs = new Map(
    [genesis.config, ...state.configs(), ...accepted.map((each) => each.config)].map((config) => [config.epoch, config]),
  );
  return {
    tip: { header: tip.header, finality: tip.finality },
    config: chain.config,
    isConfigPending: chain.isConfigPending,
    configs: [...configs.values()].sort((a, b) => a.epoch - b.epoch),
    recoveries: accepted,
    records: {
      endorsements: signed.endorsements.map((row) => ({ ...row, member: self })),
      votes: signed.votes.flatMap(({ endorsed, ...row }) =>
        endorsed === null ? [] : [{ payload: { ...row, member: self }, set: endorsed }],
      ),
    },
    seals: seals.map(decodeSeal),
    peerSeals,
    signedEpoch,
    bodies,
    waiting,
    promises: promises.map((row) => decodeSubmitPromise(row.body)),
    isRestored: standing.isAsking,
    quietUntil: standing.quietUntil,
  };
}

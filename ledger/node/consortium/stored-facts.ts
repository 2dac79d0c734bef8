/** What the tables hold for the reducer at its start (`ledger.md` 10.5). */
import { decodeSubmitPromise } from '#ledger/codec/header.ts';
import { decodeRecovery, decodeSeal } from '#ledger/codec/recovery.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import type { AdmittedTx } from '../reducer/events.ts';
import type { StoredFacts } from '../reducer/start.ts';
import type { Signer } from '../signer/signer.ts';
import { readRecoveries } from '../signer/signing-records.ts';
import { readOpenPromises, readPeerSeals, readProposalsAbove } from '../store/consortium.ts';

export interface Start {
  readonly self: number;
  /** What it has signed binds, whatever this node's own store remembers. */
  readonly signer: Pick<Signer, 'facts'>;
  readonly waiting: readonly AdmittedTx[];
}

export async function readStoredFacts(chain: CertifiedChain, { self, signer, waiting }: Start): Promise<StoredFacts> {
  const { sql, tip, state, genesis } = chain;
  const { height } = tip.header;
  const signed = await signer.facts(height);
  const { seals, signedEpoch, standing } = signed;
  const [peerSeals, recoveries, bodies, promises] = await Promise.all([
    readPeerSeals(sql, chain.config.epoch),
    readRecoveries(sql),
    readProposalsAbove(sql, height),
    readOpenPromises(sql),
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

/** SQL of proposals and ballots. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { at, atOrNull, bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { ConfigChange } from './governance.ts';

export type Official = {
  readonly member: number;
  readonly staffId: string;
  readonly name: string;
  readonly organisation: string;
  readonly certificateSerial: string;
  readonly signature: Bytes;
  readonly reason: string;
  readonly at: Instant;
};
export type StoredProposal = {
  readonly proposalId: string;
  readonly config: Bytes;
  readonly epoch: number;
  readonly kind: ConfigChange['kind'];
  readonly by: Official;
  readonly txId: Bytes | null;
  readonly submittedAt: Instant | null;
};
export type StoredBallot = {
  readonly proposalId: string;
  readonly vote: 'for' | 'against';
  readonly by: Official;
  readonly approval: Bytes | null;
};

const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);

const officialColumns = ({ member, staffId, name, organisation, certificateSerial, signature, reason }: Official) => ({
  ...{ member, staff_id: staffId, name, organisation, certificate_serial: certificateSerial, signature: bytea(signature), reason },
});

/** @returns false: the same change is proposed already */
export async function insertProposal(tx: Queryable, proposal: Omit<StoredProposal, 'txId' | 'submittedAt'>): Promise<boolean> {
  const { proposalId, config, epoch, kind, by } = proposal;
  const row = { proposal_id: proposalId, config: bytea(config), epoch, kind, ...officialColumns(by), proposed_at: toIso(by.at) };
  return (await insertRows(tx, 'governance.proposals', [row], 'on conflict do nothing')) === 1;
}

/** @returns false: this member has voted on it already */
export async function insertBallot(tx: Queryable, { proposalId, vote, by, approval }: StoredBallot): Promise<boolean> {
  const row = {
    ...{ proposal_id: proposalId, vote, ...officialColumns(by), voted_at: toIso(by.at) },
    approval: approval === null ? null : bytea(approval),
  };
  return (await insertRows(tx, 'governance.ballots', [row], 'on conflict do nothing')) === 1;
}

export async function markSubmitted(tx: Tx, proposalId: string, txId: Bytes, now: Instant): Promise<void> {
  await query(tx, 'update governance.proposals set tx_id = $2, submitted_at = $3 where proposal_id = $1 and tx_id is null', [
    proposalId,
    txId,
    new Date(now),
  ]);
}

type OfficialRow = {
  member: number;
  staff_id: string;
  name: string;
  organisation: string;
  certificate_serial: string;
  signature: Uint8Array;
  reason: string;
};
type ProposalRow = OfficialRow & {
  proposal_id: string;
  config: Uint8Array;
  epoch: number;
  kind: ConfigChange['kind'];
  proposed_at: Date;
  tx_id: Uint8Array | null;
  submitted_at: Date | null;
};
type BallotRow = OfficialRow & { proposal_id: string; vote: 'for' | 'against'; approval: Uint8Array | null; voted_at: Date };

const officialOf = (row: OfficialRow, when: Date): Official => ({
  ...{ member: row.member, staffId: row.staff_id, name: row.name, organisation: row.organisation },
  ...{ certificateSerial: row.certificate_serial, signature: own(row.signature), reason: row.reason, at: at(when) },
});

/** Newest first. */
export async function listProposals(
  sql: Queryable,
  limit: number,
): Promise<readonly (StoredProposal & { readonly ballots: readonly StoredBallot[] })[]> {
  const rows = await query<ProposalRow>(
    sql,
    `select * from governance.proposals order by proposed_at desc, proposal_id limit ${String(limit)}`,
  );
  const ballots = await query<BallotRow>(sql, 'select * from governance.ballots where proposal_id = any($1) order by voted_at, member', [
    rows.map((row) => row.proposal_id),
  ]);
  return rows.map((row) => ({
    proposalId: row.proposal_id,
    config: own(row.config),
    epoch: row.epoch,
    kind: row.kind,
    by: officialOf(row, row.proposed_at),
    txId: row.tx_id === null ? null : own(row.tx_id),
    submittedAt: atOrNull(row.submitted_at),
    ballots: ballots
      .filter((ballot) => ballot.proposal_id === row.proposal_id)
      .map((ballot) => ({
        proposalId: ballot.proposal_id,
        vote: ballot.vote,
        by: officialOf(ballot, ballot.voted_at),
        approval: ballot.approval === null ? null : own(ballot.approval),
      })),
  }));
}

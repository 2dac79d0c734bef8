/** Rule packs, their drafts, signatures and comments in tables. */
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { PackAuthorization } from '#sandbox/packs/compare-packs.ts';
import { packHash } from '#sandbox/packs/pack.ts';
import { readStoredPack } from '#sandbox/packs/parse-pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Tx } from '#server/db.ts';
import { at, atOrNull, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export type ProposalState = 'draft' | 'public' | 'activated' | 'withdrawn';
export type ProposalMode = 'NOTICE' | 'TIGHTEN';
export type Proposal = {
  readonly proposalId: string;
  readonly pack: RulePack;
  readonly packHash: string;
  readonly baseHash: string;
  readonly reason: string;
  readonly authorization: PackAuthorization | null;
  readonly mode: ProposalMode;
  readonly effectiveFrom: Instant;
  readonly state: ProposalState;
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly publishedAt: Instant | null;
  readonly activatedAt: Instant | null;
  readonly txId: string | null;
};
export type PackSignature = {
  readonly role: 'operator' | 'supervisor';
  readonly staffId: string;
  readonly name: string;
  readonly organisation: string;
  readonly certificateSerial: string;
  readonly at: Instant;
};
export type PackComment = { readonly commentId: string; readonly at: Instant; readonly author: string; readonly text: string };

type ProposalRow = {
  proposal_id: string;
  document: unknown;
  base_hash: Uint8Array;
  reason: string;
  authorization_document: PackAuthorization | null;
  mode: ProposalMode;
  effective_from: Date;
  state: ProposalState;
  created_by: string;
  created_at: Date;
  published_at: Date | null;
  activated_at: Date | null;
  tx_id: Uint8Array | null;
};

export type ActivatedPack = { readonly pack: RulePack; readonly activatedAt: Instant };

/** Packs that are or were in force, or are announced with an entry on the ledger; oldest first. */
export async function listActivatedPacks(sql: Queryable): Promise<readonly ActivatedPack[]> {
  const rows = await query<{ document: unknown; activated_at: Date }>(
    sql,
    'select document, activated_at from compliance.packs order by activated_at',
  );
  return rows.map(({ document, activated_at }) => ({ pack: readStoredPack(document), activatedAt: at(activated_at) }));
}

export async function listProposals(sql: Queryable, states: readonly ProposalState[]): Promise<readonly Proposal[]> {
  const rows = await query<ProposalRow>(
    sql,
    'select * from compliance.pack_proposals where state = any($1) order by created_at desc, proposal_id limit 200',
    [[...states]],
  );
  return rows.map(proposalOf);
}

/** For the length of the database transaction nobody else changes it. */
export async function findProposal(sql: Queryable, proposalId: string, lock = false): Promise<Proposal | null> {
  const [row] = await query<ProposalRow>(
    sql,
    `select * from compliance.pack_proposals where proposal_id = $1 ${lock ? 'for update' : ''}`,
    [proposalId],
  );
  return row === undefined ? null : proposalOf(row);
}

export async function findProposalByHash(sql: Queryable, hash: string): Promise<Proposal | null> {
  const [row] = await query<ProposalRow>(sql, "select * from compliance.pack_proposals where encode(pack_hash, 'hex') = $1", [hash]);
  return row === undefined ? null : proposalOf(row);
}

function proposalOf(row: ProposalRow): Proposal {
  const pack = readStoredPack(row.document);
  return {
    proposalId: row.proposal_id,
    pack,
    packHash: packHash(pack),
    baseHash: toHex(row.base_hash),
    reason: row.reason,
    authorization: row.authorization_document,
    mode: row.mode,
    effectiveFrom: at(row.effective_from),
    state: row.state,
    createdBy: row.created_by,
    createdAt: at(row.created_at),
    publishedAt: atOrNull(row.published_at),
    activatedAt: atOrNull(row.activated_at),
    txId: row.tx_id === null ? null : toHex(row.tx_id),
  };
}

export type NewProposal = Omit<Proposal, 'state' | 'publishedAt' | 'activatedAt' | 'txId'>;

export async function insertProposal(tx: Tx, proposal: NewProposal): Promise<void> {
  const { pack, authorization } = proposal;
  await insertRows(tx, 'compliance.pack_proposals', [
    {
      proposal_id: proposal.proposalId,
      pack_id: pack.id,
      version: pack.version,
      pack_hash: `\\x${proposal.packHash}`,
      base_hash: `\\x${proposal.baseHash}`,
      document: pack,
      reason: proposal.reason,
      authorization_document: authorization,
      mode: proposal.mode,
      effective_from: toIso(proposal.effectiveFrom),
      state: 'draft',
      created_by: proposal.createdBy,
      created_at: toIso(proposal.createdAt),
    },
  ]);
}

export async function publishProposal(tx: Tx, proposalId: string, now: Instant): Promise<void> {
  await query(tx, "update compliance.pack_proposals set state = 'public', published_at = $2 where proposal_id = $1", [
    proposalId,
    toIso(now),
  ]);
}

export async function withdrawProposal(tx: Tx, proposalId: string): Promise<void> {
  await query(tx, "update compliance.pack_proposals set state = 'withdrawn' where proposal_id = $1", [proposalId]);
}

export async function markActivated(tx: Tx, proposalId: string, now: Instant, txId: Uint8Array): Promise<void> {
  await query(tx, "update compliance.pack_proposals set state = 'activated', activated_at = $2, tx_id = $3 where proposal_id = $1", [
    proposalId,
    toIso(now),
    fromHex(toHex(txId), 32),
  ]);
}

export async function listSignatures(sql: Queryable, proposalId: string): Promise<readonly PackSignature[]> {
  const rows = await query<{
    role: PackSignature['role'];
    staff_id: string;
    name: string;
    organisation: string;
    certificate_serial: string;
    at: Date;
  }>(
    sql,
    'select role, staff_id, name, organisation, certificate_serial, at from compliance.pack_signatures where proposal_id = $1 order by at',
    [proposalId],
  );
  return rows.map((row) => ({
    role: row.role,
    staffId: row.staff_id,
    name: row.name,
    organisation: row.organisation,
    certificateSerial: row.certificate_serial,
    at: at(row.at),
  }));
}

/** @returns false when the role has signed before */
export async function insertSignature(tx: Tx, proposalId: string, signature: PackSignature): Promise<boolean> {
  const { role, staffId, name, organisation, certificateSerial } = signature;
  const row = {
    proposal_id: proposalId,
    role,
    staff_id: staffId,
    name,
    organisation,
    certificate_serial: certificateSerial,
    at: toIso(signature.at),
  };
  return (await insertRows(tx, 'compliance.pack_signatures', [row], 'on conflict do nothing')) === 1;
}

export async function listComments(sql: Queryable, proposalId: string): Promise<readonly PackComment[]> {
  const rows = await query<{ comment_id: string; at: Date; author: string; text: string }>(
    sql,
    'select comment_id, at, author, text from compliance.pack_comments where proposal_id = $1 order by at, comment_id limit 500',
    [proposalId],
  );
  return rows.map((row) => ({ commentId: row.comment_id, at: at(row.at), author: row.author, text: row.text }));
}

export async function insertComment(tx: Queryable, proposalId: string, comment: PackComment): Promise<void> {
  const { commentId, author, text } = comment;
  await insertRows(tx, 'compliance.pack_comments', [
    { comment_id: commentId, proposal_id: proposalId, at: toIso(comment.at), author, text },
  ]);
}

export async function insertPack(
  tx: Tx,
  pack: RulePack,
  from: Instant,
  words: { readonly zh: string; readonly en: string },
): Promise<void> {
  await insertRows(
    tx,
    'compliance.packs',
    [
      {
        pack_hash: `\\x${packHash(pack)}`,
        pack_id: pack.id,
        version: pack.version,
        document: pack,
        activated_at: toIso(from),
        summary_zh: words.zh,
        summary_en: words.en,
      },
    ],
    'on conflict do nothing',
  );
}

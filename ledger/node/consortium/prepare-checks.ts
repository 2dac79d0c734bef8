/** What this member must hold and may judge before it endorses (`ledger.md` 10.3): fetched first, since a check itself can't wait. */
import { ROLE } from '#ledger/codec/config.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import { decodeEntry, type Entry } from '#ledger/codec/tx.ts';
import { decodeKeyGrant } from '#ledger/crypto/envelope-codec.ts';
import { type Bytes, isZero, toHex } from '#ledger/primitives/bytes.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import { type CheckedTx, type MemberChecks, NO_CHECKS } from '../reducer/check-block.ts';
import { readEntry } from '../store/blocks.ts';
import { memberRecipient, readEnvelopes, readGrants } from '../store/envelopes.ts';
import { certifiedPast } from './certified-past.ts';
import type { ConsortiumOptions } from './options.ts';

/** A key a day: a Trade waits for its block for minutes, a registration for hours. */
const GRANTS_READ = 8;

export async function prepareChecks(chain: CertifiedChain, options: ConsortiumOptions, block: BlockBody): Promise<MemberChecks> {
  const self = chain.config.members.find((member) => member.id === options.member);
  const isSupervisor = self?.role === ROLE.supervisor;
  const hashes = block.entries.flatMap((entry) => [...envelopeOf(entry.env.body.op), ...identityOf(entry.env.body.op)]);
  const envelopes = isSupervisor ? await readEnvelopes(chain.sql, hashes) : new Map<string, Bytes>();
  const grants = isSupervisor && hashes.length > 0 ? await readGrants(chain.sql, memberRecipient(options.member)) : [];
  const reversed = await readReversed(chain, block);
  const given =
    (await options.prepareChecks?.({
      block,
      envelopes,
      grants: grants.slice(0, GRANTS_READ).map(({ grant }) => decodeKeyGrant(grant)),
      state: chain.state,
      past: certifiedPast(chain),
    })) ?? {};
  return {
    ...NO_CHECKS,
    envelopes: ({ entry }) => (envelopeOf(entry.env.body.op).every((hash) => envelopes.has(toHex(hash))) ? null : 'envelope_missing'),
    reversals: (tx) => refuseReversal(tx, reversed),
    ...given,
  };
}

/** Of Trades: no supervisor endorses one that it can't check. */
export function envelopeOf(op: Op): readonly Bytes[] {
  return op.kind === 'trade' && !isZero(op.env) ? [op.env] : [];
}

/** Of accounts: checked when it is here; a person's identity may have been erased, and waiting for it would stop everybody. */
export function identityOf(op: Op): readonly Bytes[] {
  return op.kind === 'account_open' && !isZero(op.env) ? [op.env] : [];
}

async function readReversed(chain: CertifiedChain, block: BlockBody): Promise<ReadonlyMap<bigint, Entry>> {
  const found = new Map<bigint, Entry>();
  for (const { env } of block.entries) {
    const { op } = env.body;
    if (op.kind !== 'trade_reverse') continue;
    const row = await readEntry(chain.sql, op.entry);
    if (row !== null) found.set(op.entry, decodeEntry(row.body));
  }
  return found;
}

/** A reversal names the Trade or Transfer that moved exactly these Items. */
function refuseReversal({ entry }: CheckedTx, reversed: ReadonlyMap<bigint, Entry>): 'reversal_mismatch' | null {
  const { op } = entry.env.body;
  if (op.kind !== 'trade_reverse') return null;
  const moved = movedBy(reversed.get(op.entry)?.env.body.op);
  return op.items.every((item) => moved.includes(item.serial)) ? null : 'reversal_mismatch';
}

function movedBy(op: Op | undefined): readonly bigint[] {
  if (op?.kind === 'trade') return op.items;
  return op?.kind === 'transfer' ? [op.serial] : [];
}

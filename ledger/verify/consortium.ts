/** From a ChainId to the keys to trust (`ledger.md` 17, steps 2 to 6): genesis, configuration links, header, votes. */

import { lintConfig } from '#ledger/block/lint.ts';
import { satisfies } from '#ledger/block/policy.ts';
import { firstHeightOf, refuseRecovery } from '#ledger/block/recovery.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Genesis, Predecessor } from '#ledger/codec/genesis.ts';
import { encodeVotePayload, type Finality, type Header } from '#ledger/codec/header.ts';
import { RECOVERY_KIND, type Recovery } from '#ledger/codec/recovery.ts';
import { decodeEntry, type Entry, encodeEntry } from '#ledger/codec/tx.ts';
import { isSignatureInRange, type Sm2 } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { logLeaf, rootFromInclusion } from '#ledger/merkle/log-tree.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { TrustBundle, UpdateLink } from '#ledger/proof/receipt.ts';
import { chainIdOf, configHash, headerHash } from '#ledger/tx/ids.ts';
import type { VerifyCode } from './codes.ts';
import { demand, VerifyFailure } from './verdict.ts';

/** A configuration comes into force this many blocks after its entry (`ledger.md` 6, op 18). */
const ACTIVATION_HEIGHTS = 16n;

/** One configuration and the first height it governs. */
interface Era {
  readonly config: ConsortiumConfig;
  readonly configHash: Bytes;
  readonly from: bigint;
  /** What began it, if it was not a ConfigUpdate. */
  readonly recovery: Recovery | null;
}

/** A consortium proven from a ChainId: who could certify what, at which heights. */
export interface Consortium {
  readonly chain: Bytes;
  readonly genesis: Genesis;
  readonly eras: readonly Era[];
}

export interface LogHead {
  readonly logSize: bigint;
  readonly logRoot: Bytes;
}

/** Step 2. @throws {VerifyFailure} E20 */
export function verifyGenesis(genesis: Genesis, chain: Uint8Array, sm2: Sm2): Consortium {
  const named = chainIdOf(genesis);
  demand(equalBytes(named, chain), 'E20', 'genesis_not_of_this_chain', { expected: toHex(chain), found: toHex(named) });
  requireLint(genesis.config, sm2, 'E20');
  return { chain: named, genesis, eras: [{ config: genesis.config, configHash: configHash(genesis.config), from: 0n, recovery: null }] };
}

function requireLint(config: ConsortiumConfig, sm2: Sm2, code: VerifyCode): void {
  const [first] = lintConfig(config, { verify: (publicKey, message, signature) => sm2.verify(publicKey, message, signature) }).errors;
  demand(first === undefined, code, 'configuration_lint', first === undefined ? {} : { rule: first.rule, sentence: first.sentence });
}

/** Step 3: each recorded change of the configuration, in order. @throws {VerifyFailure} E21 */
export function verifyLinks(consortium: Consortium, trust: TrustBundle, sm2: Sm2): Consortium {
  let known = consortium;
  for (const [at, link] of trust.links.entries()) {
    try {
      known = { ...known, eras: link.kind === 'update' ? withUpdate(known, link, sm2) : withRecovery(known, link.recovery, sm2) };
    } catch (error) {
      if (!(error instanceof VerifyFailure)) throw error;
      throw new VerifyFailure('E21', 'configuration_link', { link: at, because: error.message });
    }
  }
  return known;
}

function withUpdate(known: Consortium, link: UpdateLink, sm2: Sm2): readonly Era[] {
  verifyCertified(known, link.header, link.finality, sm2);
  const entry = verifyEntry(link.entry, link.index, link.path, link.header, known);
  return [...known.eras, nextEra(known, entry, sm2)];
}

/** A Recovery follows the configuration in force at its tip + 1; whatever was not in force there is void (13.2). */
function withRecovery(known: Consortium, recovery: Recovery, sm2: Sm2): readonly Era[] {
  const { height } = recovery.tip.header;
  demand(equalBytes(recovery.tip.header.chain, known.chain), 'E21', 'recovery_of_another_chain');
  const eras = known.eras.filter((era) => era.from <= height + 1n);
  const current = eras.at(-1);
  demand(current !== undefined, 'E21', 'links_out_of_order');
  const configOfEpoch = (epoch: number): ConsortiumConfig | null => eras.find((era) => era.config.epoch === epoch)?.config ?? null;
  const fault = refuseRecovery(recovery, {
    chain: known.chain,
    config: current.config,
    tipConfig: current.config,
    configOfEpoch,
    verify: (publicKey, message, signature) => sm2.verify(publicKey, message, signature),
  });
  demand(fault === null, 'E21', fault ?? '', { newEpoch: recovery.newEpoch });
  return [...eras, { config: recovery.config, configHash: configHash(recovery.config), from: firstHeightOf(recovery), recovery }];
}

/** Some epoch began with fewer than a quorum: W70 from then on. */
export function hasLastResort(consortium: Consortium): boolean {
  return consortium.eras.some((era) => era.recovery?.kind === RECOVERY_KIND.lastResort);
}

/** The eras of Recoveries that certify this very header again. */
function erasBasedOn(consortium: Consortium, header: Header): readonly Era[] {
  const hash = headerHash(header);
  return consortium.eras.filter(
    ({ recovery }) => recovery !== null && recovery.base !== null && equalBytes(recovery.base.set.header, hash),
  );
}

function nextEra(known: Consortium, entry: Entry, sm2: Sm2): Era {
  const { op } = entry.env.body;
  const current = known.eras.at(-1);
  demand(current !== undefined && op.kind === 'config_update', 'E21', 'not_a_config_update', { op: op.kind });
  demand(op.config.epoch === current.config.epoch + 1, 'E21', 'config_epoch', { epoch: op.config.epoch });
  const hash = configHash(op.config);
  const message = signedMessage('PLP1/cfgsig', known.chain, hash);
  const approvers = op.approvals.map(({ member: id, sig }) => {
    const member = current.config.members.find((candidate) => candidate.id === id);
    demand(member !== undefined && sm2.verify(member.govPub, message, sig), 'E21', 'approval_invalid', { member: id });
    return id;
  });
  demand(satisfies(current.config.governance, new Set(approvers), current.config.members), 'E21', 'governance_unmet');
  requireLint(op.config, sm2, 'E21');
  const from = entry.height + ACTIVATION_HEIGHTS;
  demand(from > current.from, 'E21', 'links_out_of_order');
  return { config: op.config, configHash: hash, from, recovery: null };
}

/** Step 4: the configuration that a header names was in force at its height. @throws {VerifyFailure} E22 */
export function verifyHeader(consortium: Consortium, header: Header): ConsortiumConfig {
  demand(equalBytes(header.chain, consortium.chain), 'E22', 'header_of_another_chain', { found: toHex(header.chain) });
  const at = consortium.eras.findIndex((era) => era.config.epoch === header.epoch);
  const era = consortium.eras[at];
  const next = consortium.eras[at + 1];
  demand(era !== undefined, 'E22', 'epoch_unknown', { epoch: header.epoch });
  demand(equalBytes(header.configHash, era.configHash), 'E22', 'config_hash');
  const isInForce = header.height >= era.from && (next === undefined || header.height < next.from);
  demand(isInForce || erasBasedOn(consortium, header).length > 0, 'E22', 'epoch_not_in_force', {
    height: header.height.toString(),
  });
  return era.config;
}

/** Step 5, who votes: the header's own configuration, or that of a Recovery which names the header as its base. @throws {VerifyFailure} E30 */
export function voterConfig(consortium: Consortium, header: Header, finality: Finality): ConsortiumConfig {
  demand(equalBytes(finality.header, headerHash(header)), 'E30', 'finality_of_another_header');
  const own = finality.epoch === header.epoch ? consortium.eras.find((era) => era.config.epoch === header.epoch) : undefined;
  const era = own ?? erasBasedOn(consortium, header).find((each) => each.config.epoch === finality.epoch);
  demand(era !== undefined && finality.height === header.height, 'E30', 'finality_of_another_height');
  return era.config;
}

/** Step 5: every vote is a known member's, over this very header. `config` is `voterConfig`'s. @throws {VerifyFailure} E30 */
export function verifyVotes(header: Header, finality: Finality, config: ConsortiumConfig, sm2: Sm2): Bytes {
  const { epoch, height, term, header: hash } = finality;
  for (const { member: id, sig } of finality.sigs) {
    const member = config.members.find((candidate) => candidate.id === id);
    demand(member !== undefined, 'E30', 'member_unknown', { member: id });
    demand(isSignatureInRange(sig), 'E30', 'sig_range', { member: id });
    const vote = encodeVotePayload({ epoch, height, term, header: hash, member: id });
    demand(sm2.verify(member.pub, signedMessage('PLP1/vote', header.chain, vote), sig), 'E30', 'vote_invalid', { member: id });
  }
  return hash;
}

/** Step 6. @throws {VerifyFailure} E31 */
export function verifyQuorum(finality: Finality, config: ConsortiumConfig): void {
  const voters = new Set(finality.sigs.map((sig) => sig.member));
  demand(satisfies(config.finality, voters, config.members), 'E31', 'finality_policy_unmet', { votes: voters.size });
}

/** Steps 4 to 6 in one, for headers beside the receipt's own. */
export function verifyCertified(consortium: Consortium, header: Header, finality: Finality, sm2: Sm2): void {
  verifyHeader(consortium, header);
  const config = voterConfig(consortium, header, finality);
  verifyVotes(header, finality, config, sm2);
  verifyQuorum(finality, config);
}

/** Step 7: the entry is in the log under this header and means what its bytes say. @throws {VerifyFailure} E40 */
export function verifyEntry(bytes: Bytes, index: bigint, path: readonly Bytes[], header: Header, consortium: Consortium): Entry {
  const root = rootFromInclusion(index, header.logSize, logLeaf(bytes), path);
  demand(root !== null && equalBytes(root, header.logRoot), 'E40', 'not_in_the_log', { index: index.toString() });
  const entry = parseEntry(bytes);
  const home = homeOf(index, header, consortium);
  demand(equalBytes(entry.env.body.chain, home.chain), 'E40', 'entry_of_another_chain', { index: index.toString() });
  demand(entry.height <= home.height, 'E40', 'entry_above_its_header', { height: entry.height.toString() });
  return entry;
}

/** The chain that an index belongs to: entries below the predecessor's size are the predecessor's. */
function homeOf(index: bigint, header: Header, consortium: Consortium): Pick<Header, 'chain' | 'height'> {
  const before = consortium.genesis.predecessor;
  return isPredecessorIndex(before, index) ? before.header : header;
}

export function isPredecessorIndex(predecessor: Predecessor | null, index: bigint): predecessor is Predecessor {
  return predecessor !== null && index < predecessor.header.logSize;
}

function parseEntry(bytes: Bytes): Entry {
  try {
    const entry = decodeEntry(bytes);
    demand(equalBytes(encodeEntry(entry), bytes), 'E40', 'entry_not_canonical');
    return entry;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new VerifyFailure('E40', 'entry_malformed', { because: error.code });
  }
}

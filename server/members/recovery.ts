/** How members leave an epoch that cannot go on (`ledger.md` 13), as files that go from one to the other: Seals, then the Recovery. */
import { z } from 'zod';
import {
  draftRecovery,
  genesisFinality,
  highestReported,
  highestTip,
  recoveryApproval,
  refuseRecovery,
  withApproval,
} from '#ledger/block/recovery.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { decodeHeader, encodeHeader, type Header } from '#ledger/codec/header.ts';
import { encodePeerBody, type PeerBody, peerTypeOf } from '#ledger/codec/peer-body.ts';
import { encodePeerMessage, encodeSignedPeerMessage } from '#ledger/codec/peer-message.ts';
import {
  type Certified,
  decodeCertified,
  decodeRecovery,
  decodeSignedSeal,
  encodeCertified,
  encodeRecovery,
  encodeSignedSeal,
  RECOVERY_KIND,
  type Recovery,
  type SignedSeal,
} from '#ledger/codec/recovery.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { type KeyPair, requireNodeKey } from '#ledger/node/keys.ts';
import { configOf } from '#ledger/node/membership.ts';
import { readSignedSeal } from '#ledger/node/signer/signing-records.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { decodeBlock, readBlock } from '#ledger/node/store/blocks.ts';
import { readProposal } from '#ledger/node/store/consortium.ts';
import { equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import type { Sql } from '#server/db.ts';
import type { MemberSite } from './member-site.ts';

const { sm2 } = startSm2();

/** A Seal and what a drafter needs beside it: the tip it names with its Finality, and the header that its set endorses. */
export type SealStatement = { readonly signed: SignedSeal; readonly tip: Certified; readonly base: Header | null };

const statement = z.object({ seal: z.string(), tip: z.string(), base: z.string().nullable() });

/** Null: this member has not sealed that epoch. */
export async function sealStatement(sql: Sql, newEpoch: number): Promise<SealStatement | null> {
  const signed = await readSignedSeal(sql, newEpoch);
  if (signed === null) return null;
  const row = await readBlock(sql, signed.seal.tipHeight);
  if (row === null) throw new Error(`block ${signed.seal.tipHeight}, which the Seal names, is not in this database`);
  const { header, finality, headerHash: hash } = decodeBlock(row);
  const body = signed.set === null ? null : await readProposal(sql, signed.set.header);
  return { signed, tip: { header, finality: finality ?? genesisFinality(hash) }, base: body?.header ?? null };
}

export const formatStatement = ({ signed, tip, base }: SealStatement): string =>
  `${JSON.stringify({
    seal: toHex(encodeSignedSeal(signed)),
    tip: toHex(encodeCertified(tip)),
    base: base === null ? null : toHex(encodeHeader(base)),
  })}\n`;

/** @throws {Error} when it is none */
export function parseStatement(text: string): SealStatement {
  const { seal, tip, base } = statement.parse(JSON.parse(text));
  return {
    signed: decodeSignedSeal(fromHex(seal)),
    tip: decodeCertified(fromHex(tip)),
    base: base === null ? null : decodeHeader(fromHex(base)),
  };
}

const recoveryFile = z.object({ recovery: z.string() });

export const formatRecovery = (recovery: Recovery): string => `${JSON.stringify({ recovery: toHex(encodeRecovery(recovery)) })}\n`;

/** @throws {Error} when it is none */
export const parseRecovery = (text: string): Recovery => decodeRecovery(fromHex(recoveryFile.parse(JSON.parse(text)).recovery));

export type RecoveryDraft = {
  readonly statements: readonly SealStatement[];
  /** Members that are gone for good. */
  readonly leaves: readonly number[];
  /** Names another engine: 16 drawn bytes; null keeps the one in force. */
  readonly engine: Uint8Array<ArrayBuffer> | null;
  readonly isLastResort: boolean;
  /** Out of receipts that the public holds: what a last resort moves forward to when the Seals know less (13.2). */
  readonly receipts: readonly Certified[];
  readonly now: number;
};

/** @throws {Error} when the Seals do not belong together */
export function draft(current: ConsortiumConfig, { statements, leaves, engine, isLastResort, receipts, now }: RecoveryDraft): Recovery {
  if (receipts.length > 0 && !isLastResort)
    throw new Error('a quorum of Seals holds every certified height: a receipt moves a last resort alone');
  const seals = statements.map((each) => each.signed);
  const [first] = seals;
  if (first === undefined) throw new Error('there is no Seal to begin with');
  const { newEpoch } = first.seal;
  if (seals.some(({ seal }) => seal.newEpoch !== newEpoch)) throw new Error('the Seals are of different epochs');
  const highest = highestTip(seals) ?? first;
  const sealed = statements.find(({ tip: each }) => equalBytes(headerHash(each.header), highest.seal.tipHeader))?.tip;
  if (sealed === undefined) throw new Error('none of the files holds the tip that its Seal names');
  const tip = receipts.reduce((best, each) => (each.header.height > best.header.height ? each : best), sealed);
  const set = highestReported(seals, tip.header.height);
  const base = set === null ? null : statements.find((each) => each.base !== null && equalBytes(headerHash(each.base), set.header))?.base;
  if (base === undefined) throw new Error('none of the files holds the header that a Seal reports as endorsed');
  const members = current.members.filter((member) => !leaves.includes(member.id));
  const next = leaves.length === 0 ? current : configOf(current, members);
  return draftRecovery({
    newEpoch,
    config: engine === null ? next : { ...next, ordering: { ...next.ordering, params: engine } },
    tip,
    baseHeader: base,
    seals,
    openedAt: BigInt(now),
    closedAt: BigInt(now) + (isLastResort ? current.limits.objectionMs : 0n),
    kind: isLastResort ? RECOVERY_KIND.lastResort : RECOVERY_KIND.quorum,
  });
}

type Approver = {
  readonly chain: Uint8Array<ArrayBuffer>;
  readonly keys: { readonly governance: KeyPair };
  readonly self: { readonly id: number } | null;
};

/** Signs as the member that this installation is. @throws {Error} when it is none */
export function approveRecovery(recovery: Recovery, { chain, keys, self }: Approver): Recovery {
  if (self === null) throw new Error('this installation is no member of the configuration in force');
  return withApproval(recovery, { member: self.id, sig: sm2.sign(keys.governance.privateKey, recoveryApproval(chain, recovery)) });
}

/** The code of what is wrong with it; null when it holds. */
export function faultOf(recovery: Recovery, { chain, config, configs }: MemberSite): string | null {
  return refuseRecovery(recovery, {
    chain,
    config,
    tipConfig: config,
    configOfEpoch: (epoch) => configs.find((each) => each.epoch === epoch) ?? null,
    verify: (publicKey, message, signature) => sm2.verify(publicKey, message, signature),
  });
}

/** To a member's node, as a message of this one. @throws {Error} when it is not taken */
export async function tellMember(base: string, { chain, config, height, keys, self }: MemberSite, body: PeerBody): Promise<void> {
  if (self === null) throw new Error('this installation is no member of the configuration in force');
  const message = { type: peerTypeOf(body), epoch: config.epoch, height: height + 1n, from: self.id, body: encodePeerBody(body) };
  const sig = sm2.sign(requireNodeKey(keys).privateKey, signedMessage('PLP1/peer', chain, encodePeerMessage(message)));
  const response = await fetch(new URL('/peer/v1/message', base), { method: 'POST', body: encodeSignedPeerMessage({ message, sig }) });
  if (response.status !== 204) throw new Error(`${base} answered ${response.status}`);
}

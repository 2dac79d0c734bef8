/**
 * The desk's papers that no ledger has and a takeover must not lose (product O-05, P-33 to P-35): the ladder of false claims, declared
 * takeovers of accounts with their cool-downs, awards of the guarantee fund that are still owed, closed accounts, proceeds that wait longer,
 * which kinds are hidden, and of each person the display name, the watch list and whether offers are taken. The operator seals them for each
 * supervisor's key and signs; a supervisor hands them on sealed for the member that takes over. Whoever else fetches them reads nothing.
 */
import { z } from 'zod';
import { canonicalBytes, type Json } from '#ledger/codec/canonical-json.ts';
import type { RandomBytes, Sm2 } from '#ledger/crypto/sm2.ts';
import { sm2Decrypt, sm2Encrypt } from '#ledger/crypto/sm2-encryption.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, fromBase64, fromHex, fromUtf8, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { signedBytes } from '#server/outbox/message.ts';

const acct = z.string().regex(/^[0-9a-f]{64}$/);
const fen = z.string().regex(/^[1-9]\d{0,18}$/);
const time = z.iso.datetime({ precision: 3 });
const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9a-f]{32}$`));

export const papersDocument = z.strictObject({
  schema: z.literal('daoju.papers/1'),
  at: time,
  /** In the order in which they were found false. */
  falseClaims: z.array(z.strictObject({ subjectId: z.string().min(1).max(80), acct, at: time, until: time })),
  /** Whose cool-down lasts. */
  takeovers: z.array(
    z.strictObject({
      takeoverId: id('tko'),
      acct,
      text: z.string().min(10).max(2_000),
      at: time,
      until: time,
      document: z.record(z.string(), z.json()),
      signature: z.string().regex(/^[0-9a-f]{128}$/),
      proof: z.record(z.string(), z.string()),
      canceled: z.int().min(0),
      doneAt: time.nullable(),
    }),
  ),
  /** In the order of the decisions. */
  awards: z.array(
    z.strictObject({
      awardId: id('gua'),
      tradeId: id('trd'),
      itemId: z.string().min(1).max(80),
      acct,
      at: time,
      lostFen: fen,
      leftFen: fen,
    }),
  ),
  /** Whom their holders closed for good, while the name is kept (product P-46); a market of before said nothing of them. */
  closed: z.array(z.strictObject({ acct, at: time })).default([]),
  /** Of sales that are not paid out: whose proceeds wait longer and until when (rulebook CN-SV-11), and what counts towards it that day. */
  holds: z
    .array(z.strictObject({ tradeId: id('trd'), quick: z.int().min(0), hold: z.enum(['new_instrument']).nullable(), payoutAt: time }))
    .default([]),
  /** What people call themselves; accounts of a demonstration have their names anyway. */
  names: z.array(z.strictObject({ acct, name: z.string().min(2).max(20) })).default([]),
  watched: z
    .array(z.strictObject({ acct, classId: z.string().min(1).max(80), belowFen: fen.nullable(), sinceFen: fen.nullable(), at: time }))
    .default([]),
  offers: z.array(z.strictObject({ acct, isTaken: z.boolean(), at: time })).default([]),
  /** Kinds whose content is hidden (rulebook CN-BC-02), so that no market shows it again by taking over. */
  hidden: z.array(z.strictObject({ classId: z.string().min(1).max(80), at: time })).default([]),
});
export type Papers = z.infer<typeof papersDocument>;

export const sealedPapers = z.strictObject({
  schema: z.literal('daoju.sealed-papers/1'),
  at: time,
  /** Member for whose key the box is. */
  to: z.int().min(1),
  box: z.base64(),
  sig: z.string().regex(/^[0-9a-f]{128}$/),
});
export type SealedPapers = z.infer<typeof sealedPapers>;

export type Sealing = {
  readonly sm2: Sm2;
  readonly chain: Bytes;
  readonly random: RandomBytes;
  /** Of who seals: the operator's account, or the node of a supervisor that hands them on. */
  readonly privateKey: Bytes;
  readonly to: { readonly id: number; readonly encPub: Bytes };
};

export function sealPapers({ sm2, chain, random, privateKey, to }: Sealing, papers: Papers): SealedPapers {
  const box = sm2Encrypt(to.encPub, canonicalBytes(plain(papers)), random);
  const { at } = papers;
  return {
    schema: 'daoju.sealed-papers/1',
    at,
    to: to.id,
    box: toBase64(box),
    sig: toHex(sm2.sign(privateKey, sealedMessage(chain, at, to.id, box))),
  };
}

type Opening = Pick<Sealing, 'sm2' | 'chain'> & {
  /** Keys of whom they may come from. */
  readonly publicKeys: readonly Bytes[];
  readonly self: number;
  readonly encryptionKey: Bytes;
};

/** `null`: not from them, not for this member, or no papers. */
export function openPapers({ sm2, chain, publicKeys, self, encryptionKey }: Opening, sealed: SealedPapers): Papers | null {
  const { at, to } = sealed;
  const box = fromBase64(sealed.box);
  const message = sealedMessage(chain, at, to, box);
  if (to !== self || !publicKeys.some((key) => sm2.verify(key, message, fromHex(sealed.sig, 64)))) return null;
  return readBox(encryptionKey, box);
}

/** Of papers whose signature was checked when they were kept. */
export function readKept(encryptionKey: Bytes, { box }: SealedPapers): Papers | null {
  return readBox(encryptionKey, fromBase64(box));
}

function readBox(encryptionKey: Bytes, box: Bytes): Papers | null {
  const bytes = sm2Decrypt(encryptionKey, box);
  if (bytes === null) return null;
  try {
    return papersDocument.parse(JSON.parse(fromUtf8(bytes)));
  } catch {
    return null; // signed, and no papers of this form: another version's, which is left alone
  }
}

function sealedMessage(chain: Bytes, at: string, to: number, box: Bytes): Uint8Array {
  return signedBytes('daoju.papers/1', { chain: toHex(chain), at, to, box: toHex(sm3(box)) });
}

function plain(papers: Papers): Json {
  return JSON.parse(JSON.stringify(papers));
}

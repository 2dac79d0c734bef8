/** What is signed in a dispute (P-32): by a player with the passphrase again, by desk and supervisor with their certificates. Every document is
 *  built here from what is on screen; what a supervisor signs for the ledger is encoded here from the reversal that is shown. */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { fromHex, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { type CaseDocument, documentHash } from '#sandbox/cases/case-order.ts';
import {
  answerDocument,
  type ClaimKind,
  type ClaimStance,
  claimAppealDocument,
  claimAttest,
  claimDocument,
  reverseOp,
  rulingDocument,
} from '#sandbox/cases/claim-order.ts';
import { type DeskOrder, deskDocument, theftDocument } from '#sandbox/cases/desk-order.ts';
import { takeoverDocument } from '#sandbox/cases/takeover-order.ts';
import type { ClaimFileInput, ClaimProof, ClaimView, Me, StaffMe, TradeView } from '#server/trpc/views.ts';
import { api } from './api.ts';
import { newActId, signAuthorityTx, signCaseDocument } from './case-signing.ts';
import { openSignerAgain } from './keys/open-signer.ts';
import { signClaimDocument } from './signing.ts';
import { staffApi } from './staff-api.ts';

export type Chosen = { readonly sm3: string; readonly input: ClaimFileInput };

export async function readChosen(file: File): Promise<Chosen> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { sm3: toHex(sm3(bytes)), input: { name: file.name, mime: file.type, base64: toBase64(bytes) } };
}

async function prove(me: Me, passphrase: string | null, document: CaseDocument): Promise<ClaimProof> {
  const signer = await openSignerAgain(me, passphrase);
  const challenge = await api.session.challenge();
  const signature = signClaimDocument(signer.keys.privateKey, me.acct, toHex(documentHash(document)), challenge);
  return { challenge: challenge.challenge, issuedAt: challenge.issuedAt, signature };
}

type Own = { readonly me: Me; readonly passphrase: string | null };
const hashes = (files: readonly Chosen[]) => files.map((file) => file.sm3);
const inputs = (files: readonly Chosen[]) => files.map(({ input }) => input);

export async function sendClaim(
  { me, passphrase }: Own,
  trade: TradeView,
  wish: { readonly kind: ClaimKind; readonly reason: string; readonly files: readonly Chosen[] },
) {
  const order = { actId: newActId(), tradeId: trade.tradeId, kind: wish.kind, reason: wish.reason };
  const proof = await prove(me, passphrase, claimDocument({ ...order, files: hashes(wish.files) }));
  return api.claim.open({ ...order, files: inputs(wish.files), proof });
}

export async function sendTakeover({ me, passphrase }: Own, text: string) {
  const declaration = { actId: newActId(), text };
  return api.claim.declareTakeover({ ...declaration, proof: await prove(me, passphrase, takeoverDocument(declaration)) });
}

export async function sendAnswer(
  { me, passphrase }: Own,
  claimId: string,
  said: { readonly stance: ClaimStance; readonly text: string; readonly files: readonly Chosen[] },
) {
  const answer = { actId: newActId(), claimId, stance: said.stance, text: said.text };
  const proof = await prove(me, passphrase, answerDocument({ ...answer, files: hashes(said.files) }));
  return api.claim.answer({ ...answer, files: inputs(said.files), proof });
}

export async function sendClaimAppeal({ me, passphrase }: Own, claimId: string, text: string) {
  const appeal = { actId: newActId(), claimId, text };
  return api.claim.appeal({ ...appeal, proof: await prove(me, passphrase, claimAppealDocument(appeal)) });
}

export async function sendDecision(staff: StaffMe, claim: ClaimView, isUpheld: boolean, reason: string) {
  const ruling = { actId: newActId(), claimId: claim.claimId, isUpheld, reason };
  return api.claim.decide({ ...ruling, signature: await signCaseDocument(staff, claim.chain, rulingDocument('desk', ruling)) });
}

export async function sendReview(staff: StaffMe, claim: ClaimView, isUpheld: boolean, reason: string) {
  const ruling = { actId: newActId(), claimId: claim.claimId, isUpheld, reason };
  const document = rulingDocument('supervisor', ruling);
  const doc = documentHash(document);
  const { reversal } = claim;
  const entry = BigInt(reversal?.entry ?? '0');
  const op =
    isUpheld && reversal !== null
      ? reverseOp(
          {
            entry,
            items: reversal.items.map(({ serial, ver, to }) => ({ serial: BigInt(serial), ver: BigInt(ver), to: fromHex(to, 32) })),
            pay: fromHex(reversal.pay, 32),
            rulePack: fromHex(reversal.rulePack, 32),
          },
          doc,
        )
      : claimAttest(entry, doc);
  const { signedTx, chain } = await signAuthorityTx(op);
  return api.claim.review({ ...ruling, signature: await signCaseDocument(staff, chain, document), signedTx });
}

export async function sendTheft({ me, passphrase }: Own, itemId: string, text: string) {
  const claim = { actId: newActId(), itemId, text };
  return staffApi.desk.swearTheft({ ...claim, proof: await prove(me, passphrase, theftDocument(claim)) });
}

export async function sendDeskStep(staff: StaffMe, chain: string, step: Omit<DeskOrder, 'actId'>) {
  const order = { ...step, actId: newActId() };
  return staffApi.desk.act({ ...order, signature: await signCaseDocument(staff, chain, deskDocument(order)) });
}

/** An official at the console: signs with the personal key, and with the organisation's account on the ledger, as the browser does. */
import type { FreezeTarget, Op } from '#ledger/codec/op-types.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { fromBase64, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { signTx } from '#ledger/tx/sign.ts';
import {
  type CaseDocument,
  documentHash,
  type FreezeOrder,
  freezeDocument,
  freezeOp,
  liftDocument,
  signedDocument,
  unfreezeOp,
} from '#sandbox/cases/case-order.ts';
import type { CaseTarget, FreezeScope, FreezeView } from '#server/trpc/views.ts';
import type { TestServer, Visitor } from './server.ts';
import { openStaff } from './staff.ts';

export interface Official {
  readonly name: string;
  readonly api: Visitor['api'];
  cookies(): string;
  /** A session ends after half an hour. */
  signIn(): Promise<void>;
  sign(document: CaseDocument): string;
  /** By the supervisor's account; the notary's person by the notary's. */
  ledgerTx(op: Op): Promise<string>;
  newActId(): string;
  freezeInput(order: Partial<FreezeOrder> & Pick<FreezeOrder, 'caseId' | 'scope' | 'targetId' | 'until'>): Promise<FreezeInput>;
  approval(freeze: FreezeView, caseId: string): Promise<{ freezeId: string; signature: string; signedTx: string }>;
  liftInput(freezeId: string, scope: FreezeScope, targetId: string): Promise<LiftInput>;
}
export type FreezeInput = FreezeOrder & { readonly signature: string; readonly signedTx: string | null };
export type LiftInput = { actId: string; freezeId: string; reason: string; signature: string; signedTx: string };

export async function openOfficial(server: TestServer, name: string): Promise<Official> {
  const { ledger, random, identity } = server.services;
  let visitor = await openStaff(server, name);
  const certificate = identity.listDemonstrationAccounts().find((each) => each.name === name)?.certificate ?? '';
  const serial = toHex(parseCertificate(fromBase64(certificate)).serial);
  const { privateKey } = demonstrationKeys(name);
  const sign: Official['sign'] = (document) => toHex(ledger.sm2.sign(privateKey, signedDocument(document, toHex(ledger.chain), serial)));
  const ledgerTx: Official['ledgerTx'] = async (op) => {
    const { case: cases, notary } = visitor.api;
    const signer = await (name === 'staff-notary' ? notary : cases).signer.query();
    if (signer.publishedKey === null) throw new Error('a demonstration publishes its keys');
    const { acct, keyIdx, keyEpoch, publishedKey } = signer;
    const now = server.clock.now();
    const body = {
      chain: ledger.chain,
      salt: random.bytes(16),
      notBefore: BigInt(now - 60_000),
      notAfter: BigInt(now + 600_000),
      op,
    };
    const [env] = signTx(ledger.sm2, { acct: fromHex(acct, 32), keyIdx, keyEpoch, privateKey: fromHex(publishedKey, 32) }, [body]);
    if (env === undefined) throw new Error('one body, one signature');
    return toHex(encodeTxEnv(env));
  };
  const targetOf = async (scope: FreezeScope, targetId: string) => ledgerTarget(await visitor.api.case.target.query({ scope, targetId }));
  const newActId = () => toHex(random.bytes(16));
  return {
    name,
    get api() {
      return visitor.api;
    },
    cookies: () => visitor.cookies(),
    signIn: async () => {
      visitor = await openStaff(server, name);
    },
    sign,
    ledgerTx,
    newActId,
    freezeInput: async (wish) => {
      const order: FreezeOrder = { actId: newActId(), reasonCode: 'market_abuse', reason: 'The item went in a circle twice.', ...wish };
      const document = freezeDocument(order);
      const until = BigInt(Date.parse(order.until));
      const op = freezeOp(order.scope, await targetOf(order.scope, order.targetId), until, documentHash(document));
      return { ...order, signature: sign(document), signedTx: await ledgerTx(op) };
    },
    approval: async (freeze, caseId) => {
      const { freezeId, scope, targetId, reasonCode, reason, until } = freeze;
      const document = freezeDocument({ actId: freezeId.slice(4), caseId, scope, targetId, reasonCode, reason, until });
      const op = freezeOp(scope, await targetOf(scope, targetId), BigInt(Date.parse(until)), documentHash(document));
      return { freezeId, signature: sign(document), signedTx: await ledgerTx(op) };
    },
    liftInput: async (freezeId, scope, targetId) => {
      const order = { actId: newActId(), freezeId, reason: 'The suspicion did not hold.' };
      const document = liftDocument(order);
      const op = unfreezeOp(scope, await targetOf(scope, targetId), documentHash(document));
      return { ...order, signature: sign(document), signedTx: await ledgerTx(op) };
    },
  };
}

export function ledgerTarget({ scope, ledgerRef }: CaseTarget): FreezeTarget {
  if (scope === 'item') return { kind: 'item', serial: BigInt(ledgerRef) };
  if (scope === 'class') return { kind: 'class', cls: Number(ledgerRef) };
  return { kind: 'account', acct: fromHex(ledgerRef, 32) };
}

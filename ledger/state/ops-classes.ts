/** Ops of studios: define and update classes, end service (3, 23, 15). */
import { ROLE } from '#ledger/codec/config.ts';
import { RECORD, REGISTER } from '#ledger/codec/leaves.ts';
import type { ClassDefineOp, ClassUpdateOp, StudioSunsetOp } from '#ledger/codec/op-types.ts';
import { equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { ACCOUNT_KIND } from './ops-accounts.ts';
import { accountOf, classAuthority, DAY_MS, isFrozen, type Run, TRANSFER_RULE, termsInForce } from './rules.ts';

const TERMS_NOTICE_MS = 7n * DAY_MS;

export function applyClassDefine(op: ClassDefineOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  const exts = new Set(op.classes.map((definition) => toHex(definition.ext)));
  if (exts.size < op.classes.length || op.classes.some((definition) => definition.transferRule > TRANSFER_RULE.bound))
    return 'terms_invalid';
  const issuer = view.accountById(op.issuer);
  if (issuer === null) return 'account_unknown';
  if (issuer.kind !== ACCOUNT_KIND.studio) return 'not_a_studio';
  if (op.classes.some((definition) => view.classByExt(op.issuer, definition.ext) !== null)) return 'class_exists';
  if (!signers.signed(op.issuer)) return 'signer_missing';
  if (isFrozen(issuer, context.now)) return 'account_frozen';
  if (view.record(RECORD.sunset, op.issuer) !== null) return 'studio_sunset';
  for (const definition of op.classes) {
    draft.putClass({
      serial: draft.nextSerial(REGISTER.classes),
      issuer: op.issuer,
      ext: definition.ext,
      transferRule: definition.transferRule,
      flags: 0,
      supplyCap: definition.supplyCap,
      minted: 0n,
      burned: 0n,
      frozenUntil: 0n,
      meta: definition.meta,
      media: definition.media,
      terms: definition.terms,
      // `now ≥ nextTermsAt ? nextTerms : terms` must give the first terms from the start.
      nextTerms: definition.terms,
      nextTermsAt: 0n,
    });
  }
  return null;
}

export function applyClassUpdate(op: ClassUpdateOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  const leaf = view.classById(op.cls);
  if (leaf === null) return 'class_unknown';
  const authority = classAuthority(view, leaf, context.now);
  if (authority.acct === null || !authority.mayGrow) return 'studio_sunset';
  const raises = leaf.supplyCap !== 0n && (op.supplyCap === 0n || op.supplyCap > leaf.supplyCap);
  if (raises || (op.supplyCap !== 0n && op.supplyCap < leaf.minted)) return 'cap_raise';
  if (!signers.signed(authority.acct)) return 'signer_missing';
  if (isFrozen(accountOf(view, authority.acct), context.now)) return 'account_frozen';
  if (isFrozen(leaf, context.now)) return 'class_frozen';
  const terms = termsInForce(leaf, context.now);
  // Terms that are announced already are not new: an entry about the cap or the art restates them in the middle of their notice.
  const isRestated = equalBytes(leaf.nextTerms, op.terms) && leaf.nextTermsAt === op.from;
  const isNew = !equalBytes(terms, op.terms) && !isRestated;
  if (isNew && op.from < context.now + TERMS_NOTICE_MS) return 'notice_short';
  draft.putClass({
    ...leaf,
    supplyCap: op.supplyCap,
    meta: op.meta,
    media: op.media,
    terms,
    nextTerms: op.terms,
    nextTermsAt: op.from,
  });
  return null;
}

export function applyStudioSunset(op: StudioSunsetOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  const studio = view.accountById(op.studio);
  if (studio === null || (op.successor !== null && view.accountById(op.successor) === null)) return 'account_unknown';
  if (studio.kind !== ACCOUNT_KIND.studio) return 'not_a_studio';
  if (view.record(RECORD.sunset, op.studio) !== null) return 'studio_sunset';
  const studioSigned = signers.signed(op.studio);
  const operator = signers.role(ROLE.operator);
  const supervisor = signers.role(ROLE.supervisor);
  const notary = signers.role(ROLE.notary);
  // By the authorities at once, or by the studio and the operator with notice.
  if (!(supervisor && notary)) {
    if (!studioSigned) return supervisor || notary ? 'role_missing' : 'signer_missing';
    if (!operator) return 'role_missing';
    if (op.at < context.now + context.config.limits.sunsetNoticeMs) return 'notice_short';
  }
  draft.putRecord({ kind: RECORD.sunset, key: op.studio, value: op.successor ?? ZERO_32, prior: op.archive, a: op.at });
  return null;
}

/**
 * Acts of officials that wait for their office's signature (product V-13 to V-17; `ledger.md` ops 11 to 14 and 21): what an official's document
 * has the ledger do, held against the bytes, and said in words. What the document cannot know, such as an item's number on the ledger, is read
 * from the bytes and stands in the words. Pure.
 */
import { encodeOp } from '#ledger/codec/op.ts';
import type { ItemMove, Op } from '#ledger/codec/op-types.ts';
import { type Bytes, equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { Texts } from '../packs/rule-pack.ts';
import {
  type CaseDocument,
  documentHash,
  FREEZE_REASONS,
  FREEZE_SCOPES,
  type FreezeReason,
  type FreezeScope,
  freezeOp,
  unfreezeOp,
} from './case-order.ts';
import { claimAttest, reverseOp } from './claim-order.ts';
import { HALT_SCOPES, type HaltScope, haltOp } from './halt-order.ts';
import { judgementOp } from './judgement-order.ts';
import { openingOp } from './opening.ts';
import { referOp } from './refer-order.ts';
import { returnOp } from './return-order.ts';

/** `document`: what the official has signed; `about`: the document of what it ends, for a lift or a resumption. */
export type ActPaper = { readonly document: CaseDocument; readonly about: CaseDocument | null };

/** What the document has the ledger do, and that in words. */
type Reading = { readonly op: Op; readonly words: Texts };
type Given = { readonly op: Op; readonly paper: ActPaper; readonly doc: Bytes };

const SCOPE = {
  item: { zh: '道具', en: 'item' },
  class: { zh: '品类', en: 'kind' },
  account: { zh: '账户', en: 'account' },
  payout: { zh: '提现', en: 'payouts of account' },
} as const satisfies Record<FreezeScope, Texts>;
const REASON = {
  stolen_item: { zh: '道具被盗', en: 'stolen item' },
  disputed_trade: { zh: '交易争议', en: 'disputed trade' },
  market_abuse: { zh: '市场操纵', en: 'market abuse' },
  laundering: { zh: '涉嫌洗钱', en: 'suspected laundering' },
  minor: { zh: '未成年人', en: 'minor' },
  court_request: { zh: '法院要求', en: 'request of a court' },
  other: { zh: '其他', en: 'other' },
} as const satisfies Record<FreezeReason, Texts>;
const HALTED = {
  class: { zh: '品类', en: 'the kind' },
  game: { zh: '游戏', en: 'the game' },
  market: { zh: '全市场', en: 'the whole market' },
} as const satisfies Record<HaltScope, Texts>;

/** Null: the LedgerTx does something else than the paper says. */
export function readAct(op: Op, paper: ActPaper): Texts | null {
  const reader = Object.hasOwn(READERS, paper.document.act ?? '') ? READERS[paper.document.act ?? ''] : undefined;
  const reading = reader?.({ op, paper, doc: documentHash(paper.document) }) ?? null;
  return reading !== null && equalBytes(encodeOp(reading.op), encodeOp(op)) ? reading.words : null;
}

const READERS: Readonly<Record<string, (given: Given) => Reading | null>> = {
  freeze: readFreeze,
  unfreeze: readLift,
  halt: readHalt,
  resume: readResumption,
  open_identity: readOpening,
  carry_out_judgement: readJudgement,
  return_item: readReturn,
  refer: readReferral,
  review_claim: readReview,
};

function readFreeze({ op, paper: { document }, doc }: Given): Reading | null {
  const named = targetOf(op, document);
  const until = Date.parse(document.until ?? '');
  if (named === null || Number.isNaN(until)) return null;
  const { zh, en } = frozen(named, document);
  return {
    op: freezeOp(named.scope, named.target, BigInt(until), doc),
    words: {
      zh: `冻结${zh}，至 ${document.until}。${caseZh(document)}事由：${document.reason}`,
      en: `Freeze ${en}, until ${document.until}.${caseEn(document)} Reason: ${document.reason}`,
    },
  };
}

function readLift({ op, paper: { document, about }, doc }: Given): Reading | null {
  if (about?.act !== 'freeze' || document.freezeId !== `frz_${about.actId}`) return null;
  const named = targetOf(op, about);
  if (named === null) return null;
  const { zh, en } = frozen(named, about);
  return {
    op: unfreezeOp(named.scope, named.target, doc),
    words: {
      zh: `解除对${zh}的冻结（原至 ${about.until}）。${caseZh(about)}事由：${document.reason}`,
      en: `Lift the freeze of ${en}, set until ${about.until}.${caseEn(about)} Reason: ${document.reason}`,
    },
  };
}

type Named = { readonly scope: FreezeScope; readonly target: Parameters<typeof freezeOp>[1]; readonly ledgerNo: bigint | null };

/** An account is its own id; of an item or a kind the bytes have the ledger's number alone. */
function targetOf(op: Op, { scope: given, targetId = '' }: CaseDocument): Named | null {
  const scope = FREEZE_SCOPES.find((each) => each === given);
  const target = op.kind === 'freeze' || op.kind === 'unfreeze' ? op.target : op.kind === 'attest' ? op.subject : null;
  if (scope === undefined || target === null) return null;
  if (target.kind === 'item') return scope === 'item' ? { scope, target, ledgerNo: target.serial } : null;
  if (target.kind === 'class') return scope === 'class' ? { scope, target, ledgerNo: BigInt(target.cls) } : null;
  const isAccount = target.kind === 'account' && (scope === 'account' || scope === 'payout');
  return isAccount && toHex(target.acct) === targetId ? { scope, target, ledgerNo: null } : null;
}

function frozen({ scope, ledgerNo }: Named, { targetId = '', reasonCode }: CaseDocument): Texts {
  const reason = REASON[FREEZE_REASONS.find((each) => each === reasonCode) ?? 'other'];
  return {
    zh: `${SCOPE[scope].zh} ${targetId}${ledgerNo === null ? '' : `（账本编号 ${ledgerNo}）`}（${reason.zh}）`,
    en: `${SCOPE[scope].en} ${targetId}${ledgerNo === null ? '' : ` (number ${ledgerNo} on the ledger)`} (${reason.en})`,
  };
}

const caseZh = ({ caseId = '' }: CaseDocument): string => (caseId === '' ? '' : `案件 ${caseId}。`);
const caseEn = ({ caseId = '' }: CaseDocument): string => (caseId === '' ? '' : ` Case ${caseId}.`);

function readHalt({ op, paper: { document }, doc }: Given): Reading | null {
  const halted = haltedBy(op, document);
  if (halted === null) return null;
  const isKept = document.openOrders === 'keep';
  const { zh, en } = halted.words;
  return {
    op: haltOp(halted.cls, doc),
    words: {
      zh: `暂停${zh}交易，至 ${document.until}，未成交订单${isKept ? '保留' : '撤销'}。${caseZh(document)}事由：${document.reason}`,
      en: `Halt ${en} until ${document.until}; open orders are ${isKept ? 'kept' : 'cancelled'}.${caseEn(document)} Reason: ${document.reason}`,
    },
  };
}

function readResumption({ op, paper: { document, about }, doc }: Given): Reading | null {
  if (about?.act !== 'halt' || document.haltId !== `hlt_${about.actId}`) return null;
  const halted = haltedBy(op, about);
  if (halted === null) return null;
  const { zh, en } = halted.words;
  return {
    op: haltOp(halted.cls, doc),
    words: {
      zh: `恢复${zh}交易（原暂停至 ${about.until}）。${caseZh(about)}事由：${document.reason}`,
      en: `Resume trading of ${en}, halted until ${about.until}.${caseEn(about)} Reason: ${document.reason}`,
    },
  };
}

/** The ledger has the kind where one is halted, else nothing but the hash. */
function haltedBy(op: Op, { scope: given, targetId = '' }: CaseDocument): { readonly cls: number | null; readonly words: Texts } | null {
  const scope = HALT_SCOPES.find((each) => each === given);
  if (scope === undefined || op.kind !== 'attest') return null;
  const { zh, en } = HALTED[scope];
  if (scope === 'market') return { cls: null, words: { zh, en } };
  if (scope === 'game') return { cls: null, words: { zh: `${zh} ${targetId} `, en: `${en} ${targetId}` } };
  if (op.subject.kind !== 'class') return null;
  const { cls } = op.subject;
  return { cls, words: { zh: `${zh} ${targetId}（账本编号 ${cls}）`, en: `${en} ${targetId} (number ${cls} on the ledger)` } };
}

function readOpening({ paper: { document }, doc }: Given): Reading | null {
  const subject = accountOf(document.subject);
  if (subject === null) return null;
  const { legalGround, reason, scope } = document;
  return {
    op: openingOp(subject, doc),
    words: {
      zh: `查看账户 ${document.subject} 的身份信息（${scope}）。${caseZh(document)}法律依据：${legalGround}。事由：${reason}`,
      en: `Open the identity of account ${document.subject} (${scope}).${caseEn(document)} Legal ground: ${legalGround}. Reason: ${reason}`,
    },
  };
}

function readJudgement({ op, paper: { document }, doc }: Given): Reading | null {
  const [item, ...others] = op.kind === 'court_order' ? op.items : [];
  const to = accountOf(document.to);
  if (item === undefined || others.length > 0 || to === null) return null;
  const { itemId, court, docket, fileSm3, reason } = document;
  return {
    op: judgementOp({ ...item, to }, doc),
    words: {
      zh: `执行判决：道具 ${itemId}（账本编号 ${item.serial}）归账户 ${document.to}。${court}，案号 ${docket}，判决书 SM3 ${fileSm3}。${caseZh(document)}事由：${reason}`,
      en: `Carry out a judgement: item ${itemId} (number ${item.serial} on the ledger) goes to account ${document.to}. ${court}, docket ${docket}, SM3 of the judgement ${fileSm3}.${caseEn(document)} Reason: ${reason}`,
    },
  };
}

function readReturn({ op, paper: { document }, doc }: Given): Reading | null {
  const [item, ...others] = op.kind === 'trade_reverse' ? op.items : [];
  if (op.kind !== 'trade_reverse' || item === undefined || others.length > 0) return null;
  const { entry, rulePack } = op;
  const isGoodFaith = document.goodFaith === 'yes';
  return {
    op: returnOp({ entry, item, rulePack }, doc),
    words: {
      zh: `返还被盗道具：撤销第 ${entry} 号交易，${movesZh([item])}，申报 ${document.reportId}，现持有人${isGoodFaith ? '善意取得' : '非善意取得'}。${caseZh(document)}事由：${document.reason}`,
      en: `Give back a stolen item: entry ${entry} is reversed, ${movesEn([item])}; sworn claim ${document.reportId}, its holder bought ${isGoodFaith ? 'in good faith' : 'not in good faith'}.${caseEn(document)} Reason: ${document.reason}`,
    },
  };
}

function readReferral({ paper: { document }, doc }: Given): Reading {
  const { authority, reason } = document;
  return {
    op: referOp(doc),
    words: {
      zh: `移送 ${authority}。${caseZh(document)}事由：${reason}`,
      en: `Refer to ${authority}.${caseEn(document)} Reason: ${reason}`,
    },
  };
}

/** A dispute by the supervisor: upheld it reverses the trade, refused it is a statement about it. */
function readReview({ op, paper: { document }, doc }: Given): Reading | null {
  const { claimId, decision, reason } = document;
  if (decision === 'upheld' && op.kind === 'trade_reverse') {
    const { entry, items, pay, rulePack } = op;
    return {
      op: reverseOp({ entry, items, pay, rulePack }, doc),
      words: {
        zh: `支持争议 ${claimId}：撤销第 ${entry} 号交易，${movesZh(items)}。事由：${reason}`,
        en: `Uphold the dispute ${claimId}: entry ${entry} is reversed, ${movesEn(items)}. Reason: ${reason}`,
      },
    };
  }
  if (decision !== 'refused' || op.kind !== 'attest' || op.subject.kind !== 'entry') return null;
  const { index } = op.subject;
  return {
    op: claimAttest(index, doc),
    words: {
      zh: `驳回争议 ${claimId}（第 ${index} 号交易）。事由：${reason}`,
      en: `Refuse the dispute ${claimId} about entry ${index}. Reason: ${reason}`,
    },
  };
}

const movesZh = (items: readonly ItemMove[]): string =>
  items.map(({ serial, to }) => `道具（账本编号 ${serial}）归账户 ${toHex(to)}`).join('，');
const movesEn = (items: readonly ItemMove[]): string =>
  items.map(({ serial, to }) => `item number ${serial} on the ledger goes to account ${toHex(to)}`).join(', ');

function accountOf(text = ''): Bytes | null {
  return /^[0-9a-f]{64}$/.test(text) ? fromHex(text, 32) : null;
}

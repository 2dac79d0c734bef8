/**
 * A LedgerTx that waits for a supervisor's signature, as whoever signs it reads it: the bytes are held against the paper that explains them,
 * and what they do is said in words. Pure: the market writes the words down, and the signer works them out again from the bytes (product V-13
 * to V-20, T-01, `ledger.md` ops 1, 11 to 14, 16, 17 and 21).
 */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { ROLE } from '#ledger/codec/config.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { concat, equalBytes, fromBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { type Experiment, experimentHash } from '../experiments/experiment.ts';
import { parseExperiment } from '../experiments/parse-experiment.ts';
import { STEPS, type Step } from '../experiments/steps.ts';
import { packHash } from '../packs/pack.ts';
import { readStoredPack } from '../packs/parse-pack.ts';
import type { Texts } from '../packs/rule-pack.ts';
import { type ActPaper, readAct } from './read-act.ts';

export const CO_SIGN_KINDS = ['experiment_step', 'pack_activation', 'studio_account', 'case_act'] as const;
export type CoSignKind = (typeof CO_SIGN_KINDS)[number];
export const CO_SIGN_STATES = ['waiting', 'signed', 'declined', 'ended'] as const;
export type CoSignState = (typeof CO_SIGN_STATES)[number];

/** The documents that the LedgerTx names by their hash or key. */
export type CoSignPaper =
  /** `experiment`: the document after the step. */
  | { readonly kind: 'experiment_step'; readonly experiment: unknown; readonly step: Step; readonly reason: string }
  | { readonly kind: 'pack_activation'; readonly pack: unknown; readonly reason: string }
  /** `certificate`: DER in base64. */
  | {
      readonly kind: 'studio_account';
      readonly nameZh: string;
      readonly nameEn: string;
      readonly creditCode: string;
      readonly certificate: string;
    }
  | ({ readonly kind: 'case_act' } & ActPaper);

/** Whose signatures are given elsewhere, each by one of them: a judgement moves by court and supervisor, neither alone (op 13). */
export function rolesToSign({ kind }: Op): readonly number[] {
  return kind === 'court_order' ? [ROLE.supervisor, ROLE.court] : [ROLE.supervisor];
}

const STUDIO_KIND = 1;
const STATE_ZH = {
  DRAFT: '草案',
  DECLARED: '已申报',
  PUBLIC_NOTICE: '公示',
  REGISTERED: '已登记',
  TESTING: '测试中',
  PAUSED: '已暂停',
  EXITED_SUCCESS: '成功退出',
  EXITED_FAILED: '未成功退出',
  HALTED: '已停止',
} as const satisfies Record<Experiment['status'], string>;
const STEP_ZH = {
  declare: '申报',
  publish: '公示',
  register: '登记',
  start: '开始测试',
  pause: '暂停',
  resume: '恢复',
  extend: '延期',
  succeed: '成功退出',
  fail: '未成功退出',
  halt: '停止',
} as const satisfies Record<Step, string>;
const MODE = {
  LIVE_STRICTER: { zh: '实测，规则收紧', en: 'live, stricter rules' },
  LIVE_WIDER: { zh: '实测，规则放宽', en: 'live, wider rules' },
  SHADOW: { zh: '影子实验', en: 'shadow' },
} as const satisfies Record<Experiment['mode'], Texts>;

/** What the LedgerTx does. @throws {ParseError} `co_sign_other_chain`, `co_sign_paper_differs` */
export function readCoSign(chain: Uint8Array, body: TxBody, paper: CoSignPaper): Texts {
  if (!equalBytes(body.chain, chain)) throw new ParseError('co_sign_other_chain', { chain: toHex(body.chain) });
  if (paper.kind === 'experiment_step') return readStep(body.op, paper);
  if (paper.kind === 'pack_activation') return readActivation(body.op, paper);
  if (paper.kind === 'case_act') return readAct(body.op, paper) ?? refuseDiffers('act');
  return readOpening(body.op, paper);
}

function differs(what: string): ParseError {
  return new ParseError('co_sign_paper_differs', { what });
}

function refuseDiffers(what: string): never {
  throw differs(what);
}

function readStep(op: Op, { experiment: document, step, reason }: Extract<CoSignPaper, { kind: 'experiment_step' }>): Texts {
  const experiment = parseExperiment(document);
  const { status } = experiment;
  if (op.kind !== 'experiment_transition') throw differs('op');
  if (!equalBytes(op.experiment, recordKey.experiment(experiment.id))) throw differs('experiment');
  if (toHex(op.doc) !== experimentHash(experiment) || !equalBytes(op.doc, sm3(canonicalBytes(document)))) throw differs('document');
  if (op.to !== STEPS[step].stage || status !== STEPS[step].to) throw differs('step');
  const { id, title, period, mode } = experiment;
  const zh = `实验 ${id}「${title.zh}」：${STEP_ZH[step]}（${STATE_ZH[status]}），${period.start} 至 ${period.end}，${MODE[mode].zh}。事由：${reason}`;
  return {
    zh,
    en: `Experiment ${id} “${title.en}”: ${step} → ${status}, ${period.start} to ${period.end}, ${MODE[mode].en}. Reason: ${reason}`,
  };
}

function readActivation(op: Op, { pack: document, reason }: Extract<CoSignPaper, { kind: 'pack_activation' }>): Texts {
  const pack = readStoredPack(document);
  if (op.kind !== 'rule_pack_activate') throw differs('op');
  if (toHex(op.pack) !== packHash(pack) || op.jurisdiction !== pack.id) throw differs('document');
  const from = new Date(Number(op.from)).toISOString();
  const named = `${pack.id} ${pack.version}`;
  return op.tighten === 1
    ? { zh: `规则包 ${named} 立即生效（收紧）。事由：${reason}`, en: `Rule pack ${named} in force at once (tightening). Reason: ${reason}` }
    : { zh: `规则包 ${named} 自 ${from} 起生效。事由：${reason}`, en: `Rule pack ${named} in force from ${from}. Reason: ${reason}` };
}

function readOpening(op: Op, paper: Extract<CoSignPaper, { kind: 'studio_account' }>): Texts {
  const { nameZh, nameEn, creditCode } = paper;
  const certificate = parseCertificate(fromBase64(paper.certificate));
  if (op.kind !== 'account_open' || op.accountKind !== STUDIO_KIND) throw differs('op');
  const [key, ...others] = op.policy.keys;
  if (key === undefined || others.length > 0 || !equalBytes(key.pub, certificate.publicKey)) throw differs('key');
  const print = toHex(certificate.fingerprint);
  return {
    zh: `为厂商${nameZh}（${nameEn}，统一社会信用代码 ${creditCode}）开立账户，密钥为其证书 ${print} 的密钥`,
    en: `An account for the studio ${nameEn} (${nameZh}, credit code ${creditCode}), under the key of its certificate ${print}`,
  };
}

/** Under what a supervisor asks this market, and under a refusal to sign: by a key of its account, and for one market alone. */
export type CoSignWord = {
  readonly act: 'list' | 'decline';
  /** Empty for a list. */
  readonly coSignId: string;
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly at: string;
};
export function coSignWordMessage(chain: Uint8Array, { act, coSignId, reason, at }: CoSignWord): Uint8Array {
  return concat(utf8('daoju.co-sign/1\n'), canonicalBytes({ chain: toHex(chain), act, coSignId, reason, at }));
}

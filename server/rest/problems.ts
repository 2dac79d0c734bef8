/** Problems of the REST API (RFC 9457, product T-16): each code once, with its status and a sentence in both languages. */
import type { Answered, problemAnswer } from './answers.schema.ts';

export const PROBLEMS = {
  route_unknown: { status: 404, en: 'There is no such call.', zh: '没有这个接口。' },
  method_not_allowed: { status: 405, en: 'This address does not take this method.', zh: '该地址不支持此方法。' },
  body_malformed: {
    status: 400,
    en: 'The body is not valid JSON of the documented form; see fields.',
    zh: '请求体不符合接口格式，见 fields。',
  },
  body_too_large: { status: 413, en: 'The body is larger than this call takes.', zh: '请求体超过上限。' },
  content_type_unsupported: { status: 415, en: 'Send application/json.', zh: '请使用 application/json。' },
  signature_missing: {
    status: 401,
    en: 'A write carries content-digest, signature-input and signature.',
    zh: '写操作必须携带 content-digest、signature-input 和 signature。',
  },
  signature_input_malformed: { status: 401, en: 'signature-input is not of the documented form.', zh: 'signature-input 格式不正确。' },
  signature_malformed: { status: 401, en: 'signature is not 64 bytes in the documented form.', zh: 'signature 格式不正确。' },
  digest_mismatch: { status: 401, en: 'content-digest is not the SM3 of the body that arrived.', zh: 'content-digest 与请求体不符。' },
  key_unknown: { status: 401, en: 'The key is unknown, revoked or of the wrong kind.', zh: '密钥不存在、已吊销或类型不符。' },
  key_expired: { status: 401, en: 'The key has expired.', zh: '密钥已过期。' },
  clock_skew: { status: 401, en: 'created is more than 120 s away from the server clock.', zh: 'created 与服务器时钟相差超过 120 秒。' },
  nonce_replayed: { status: 401, en: 'This nonce was used within the last 10 minutes.', zh: 'nonce 在 10 分钟内已被使用。' },
  studio_not_active: {
    status: 403,
    en: 'The studio is not active yet, or suspended. Until then its keys read and make dry runs.',
    zh: '厂商尚未启用或已暂停，在此期间密钥只能读取和试运行（dry_run）。',
  },
  sig_invalid: { status: 401, en: 'The signature does not verify under this key.', zh: '签名验证失败。' },
  reference_conflict: {
    status: 409,
    en: 'This reference_id was used with another body; see diff.',
    zh: '该 reference_id 已用于其他内容，见 diff。',
  },
  game_unknown: { status: 404, en: 'There is no such game of yours.', zh: '没有这个属于您的游戏。' },
  sunset_announced: { status: 409, en: 'The end of this account’s games is announced already.', zh: '该账户的游戏已公告停服。' },
  sunset_short: {
    status: 422,
    en: 'The last day must lie at least 60 days ahead.',
    zh: '停服须至少提前 60 天公告。',
  },
  game_exists: { status: 409, en: 'A game with this game_ref exists.', zh: '该 game_ref 已存在。' },
  approval_missing: {
    status: 422,
    en: 'A game needs its approval number before anything of it can be issued.',
    zh: '游戏须先填写版号才能发行道具。',
  },
  class_unknown: { status: 404, en: 'There is no such item class of yours.', zh: '没有这个属于您的道具种类。' },
  class_exists: {
    status: 409,
    en: 'This class_ref is declared, or stands twice in the batch.',
    zh: '该 class_ref 已声明，或在本批中重复。',
  },
  class_not_certified: {
    status: 409,
    en: 'The class is not certified yet; try again in a moment.',
    zh: '该种类尚未共同见证，请稍后重试。',
  },
  attribute_unknown: {
    status: 422,
    en: 'An attribute is not in the schema of the game, is of another type, or has more decimals than its scale.',
    zh: '属性不在该游戏的属性表中、类型不符，或小数位数超过规定。',
  },
  attribute_conflict: {
    status: 409,
    en: 'The attribute schema may only grow: this attribute exists with another type or scale, or changes on items another way.',
    zh: '属性表只能增加：该属性已有其他类型、小数位数或修改方式。',
  },
  attribute_fixed: {
    status: 422,
    en: 'The schema of the game does not let this attribute change on an item.',
    zh: '该游戏的属性表不允许在单件道具上修改此属性。',
  },
  attributes_unchanged: { status: 422, en: 'The item has these values already.', zh: '道具已是这些属性值。' },
  consent_missing: {
    status: 422,
    en: 'The item belongs to somebody who has not consented to changes of this kind.',
    zh: '道具属于他人，且对方未同意修改该种类的道具。',
  },
  item_held: {
    status: 409,
    en: 'The item is listed, promised or given away; it can change when that is over.',
    zh: '道具正在出售、已承诺或赠送中，结束后方可修改。',
  },
  draw_table_missing: {
    status: 422,
    en: 'Origin DRAW needs the digest of its probability table.',
    zh: '来源为抽取的道具须提供概率表摘要。',
  },
  virtual_currency_refused: {
    status: 422,
    en: 'Game currency is not an item and cannot be declared.',
    zh: '游戏虚拟货币不属于道具，不能声明。',
  },
  item_exists: {
    status: 409,
    en: 'An item_ref of this class is taken, or stands twice in the batch.',
    zh: 'item_ref 已被使用，或在本批中重复。',
  },
  item_unknown: { status: 404, en: 'There is no such item of yours.', zh: '没有这个属于您的道具。' },
  account_unknown: { status: 422, en: 'There is no such account on the ledger.', zh: '账本上没有该账户。' },
  supply_exceeded: { status: 422, en: 'More units than the supply cap leaves.', zh: '超过发行上限。' },
  mint_schedule_exceeded: {
    status: 422,
    en: 'More units than the mint schedule of the kind allows by now.',
    zh: '超过该种类发行计划目前允许的数量。',
  },
  cap_raise: {
    status: 422,
    en: 'A supply cap only goes down, and never below what is issued.',
    zh: '发行上限只能下调，且不得低于已发行数量。',
  },
  terms_unchanged: {
    status: 422,
    en: 'These are the terms in force, and nothing else is announced.',
    zh: '与现行条款相同，且没有已公告的变更。',
  },
  notice_short: {
    status: 422,
    en: 'New terms are announced at least 7 days and 10 minutes before they hold; see fields.',
    zh: '新条款须至少提前 7 天零 10 分钟公告，见 fields。',
  },
  art_type_refused: {
    status: 415,
    en: 'Art is a still picture in PNG, JPEG or WebP, by its bytes; SVG, GIF and animations are not taken.',
    zh: '图片须为静态 PNG、JPEG 或 WebP（以实际字节为准），不接受 SVG、GIF 和动画。',
  },
  art_type_mismatch: {
    status: 415,
    en: 'Content-Type names another format than the bytes have.',
    zh: 'Content-Type 与图片实际格式不符。',
  },
  art_side_exceeded: {
    status: 422,
    en: 'A side of the picture is longer than 4,096 pixels.',
    zh: '图片边长超过 4,096 像素。',
  },
  expression_malformed: {
    status: 400,
    en: 'where cannot be read from the marked place on; it takes at most 16 comparisons and 512 characters.',
    zh: 'where 从标记位置起无法解析；最多 16 个比较、512 个字符。',
  },
  expression_unknown_attribute: {
    status: 400,
    en: 'where names an attribute that none of your games has.',
    zh: 'where 使用了您的游戏中不存在的属性。',
  },
  expression_type: {
    status: 400,
    en: 'where compares an attribute with another sort of value, or in another way, than its type allows.',
    zh: 'where 中的比较方式或取值与属性类型不符。',
  },
  query_malformed: {
    status: 400,
    en: 'The query is not of the documented form; see fields.',
    zh: '查询参数不符合接口格式，见 fields。',
  },
  batch_refused: {
    status: 422,
    en: 'A row was refused, and the batch is atomic: nothing was written; see rows.',
    zh: '有行被拒绝，且本批为原子模式：未写入任何内容，见 rows。',
  },
  batch_too_large: {
    status: 422,
    en: 'A batch takes at most 1,000 rows; more become a job with mode per_item and the hosted key, or with POST /api/v1/imports.',
    zh: '每批最多 1,000 行；更多请用 per_item 模式和托管密钥，或 POST /api/v1/imports，作为任务执行。',
  },
  attributes_exceeded: {
    status: 422,
    en: 'The attribute schema of a game holds at most 32 attributes.',
    zh: '每个游戏的属性表最多 32 个属性。',
  },
  job_unknown: { status: 404, en: 'There is no such job of yours.', zh: '没有这个属于您的任务。' },
  job_ended: { status: 409, en: 'The job has ended.', zh: '任务已结束。' },
  cursor_malformed: { status: 400, en: 'The cursor is not one of ours.', zh: '游标无效。' },
  snapshot_gone: {
    status: 410,
    en: 'The snapshot of this list is older than 15 minutes; start again.',
    zh: '该列表快照已超过 15 分钟，请重新开始。',
  },
  ledger_refused: { status: 422, en: 'The ledger refused the entry; see ledger_code.', zh: '账本拒绝了该记录，见 ledger_code。' },
  ledger_txs_mismatch: {
    status: 422,
    en: 'The signed LedgerTx are not those of these rows; ask for them again with dry_run.',
    zh: '签名的账本交易与本批内容不符，请用 dry_run 重新获取。',
  },
  rate_limited: { status: 429, en: 'Too many calls; see Retry-After.', zh: '调用过于频繁，见 Retry-After。' },
  internal: { status: 500, en: 'Something went wrong on our side; quote the trace id.', zh: '服务器内部错误，请提供 trace id。' },
} as const satisfies Record<string, { status: number; en: string; zh: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

type ProblemDocument = Answered<typeof problemAnswer>;
export type ProblemFacts = Omit<ProblemDocument, 'type' | 'title' | 'status' | 'code' | 'trace_id'>;

/** An expected refusal on its way out of a route; never a bug. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;
  constructor(code: ProblemCode, facts: ProblemFacts = {}) {
    super(code);
    this.name = 'Problem';
    this.code = code;
    this.facts = facts;
  }
}

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** The RFC 9457 document. `type` opens the page that explains the code. */
export function problemDocument(code: ProblemCode, traceId: string, language: 'zh' | 'en', facts: ProblemFacts = {}): ProblemDocument {
  const { status, en, zh } = PROBLEMS[code];
  return { type: `/problems#${code}`, title: language === 'zh' ? zh : en, status, code, trace_id: traceId, ...facts };
}

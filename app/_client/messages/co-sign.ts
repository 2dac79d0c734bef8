/** Steps that wait for a supervisor who signs elsewhere, and what its command is refused with. */
import type { CoSignCode } from '#server/co-sign/co-sign-codes.ts';
import type { Shape } from './shape.ts';

export const coSignZh = {
  coSign: {
    waiting: '等待监管方签名',
    signed: '监管方已签名，正在记入账本',
    declined: '监管方拒绝签名',
    ended: '等待已结束，未作任何改动',
    what: '签署内容',
    asked: '{name} 于 {at} 提请',
    until: '最迟 {at}，逾期须重新提请',
    how: '监管方的账户密钥不在本市场。请监管方在自己的机器上执行以下命令，签署前命令会逐字节核对内容：',
    again: '如仍需办理，请重新提请。',
    title: '等待监管方签名的事项',
    nothingYet: '签名之前，除此记录外未作任何改动。',
    withdraw: '撤回',
    withdrawn: '{name} 已撤回。',
  },
};

export const coSignEn: Shape<typeof coSignZh> = {
  coSign: {
    waiting: 'Waits for the supervisor’s signature',
    signed: 'Signed by the supervisor; it is being entered on the ledger',
    declined: 'The supervisor has refused to sign',
    ended: 'The wait is over; nothing was changed',
    what: 'What the signature is for',
    asked: 'Asked for by {name}, {at}',
    until: 'Until {at}; after that it has to be asked for again',
    how: 'The key of the supervisor’s account is not at this market. The supervisor gives the signature on a machine of its own; the command holds the bytes against these words first:',
    again: 'If it is still wanted, take the step again.',
    title: 'Waiting for the supervisor’s signature',
    nothingYet: 'Until it is signed nothing is changed but this note.',
    withdraw: 'Take back',
    withdrawn: 'Taken back by {name}.',
  },
};

export const coSignRefusalsZh = {
  co_sign_malformed: '请求无法读取，请使用同一版本的命令。',
  co_sign_word_stale: '请求的时间与本市场相差超过五分钟，请校准时钟后重试。',
  co_sign_not_supervisor: '现行配置中，该密钥的持有者无须签署此项，没有任何改动。',
  co_sign_unknown: '没有这个编号的待签内容。',
  co_sign_waiting: '这一步已在等待监管方签名，签名后自动办理。',
  co_sign_answered: '该请求已有答复或已结束，没有任何改动。',
  co_sign_withdrawn: '该请求在签名前已被撤回，没有任何改动。',
  co_sign_expired: '签名期限已过，请重新办理这一步。',
  co_sign_signature_invalid: '签名不是该密钥对此处待签内容作出的，没有任何改动。',
  co_sign_ledger_refused: '即使签名，账本也不会接受这一步，原因见说明。',
} as const satisfies Record<CoSignCode, string>;

/** Refusals of the browser itself, one sentence each that says what to do next. Those of the server: `server-refusals.ts`. */
import type { Shape } from './shape.ts';

export const refusalsZh = {
  offline: '连接不上服务器。请检查网络，您填写的内容都还在。',
  unknown_failure: '出了意外，没有任何改动。请重试，若仍不行请提供追踪号。',
  internal_error: '我们这边出了差错，没有任何改动。请重试；若仍不行，请提供追踪号。',
  sign_in_required: '请先登录；您填写的内容会保留。',
  item_given: '已送出，正等对方接受；可在“资产”页撤回。',
  staff_sign_in_required: '请先用证书登录。',
  official_key_locked: '证书密钥未在此页面打开，请退出后用证书文件重新登录，再签名。',
  role_missing: '您的证书属于其他职责，请向所在机构申请权限。',
  rate_limited: '操作太频繁，请稍等片刻再试。',
  wrong_passphrase: '口令不对，请再试一次。',
  recovery_file_malformed: '这不是可用的恢复文件，请换一个文件。',
  export_unknown: '没有这个证据包，或尚未生成。',
  watch_list_full: '关注列表已满（200 种），请先取消一种。',
  feed_seq_ahead: '频道还没有到这个序号，请重新载入页面。',
} as const;

export const refusalsEn: Shape<typeof refusalsZh> = {
  offline: 'The server cannot be reached. Check your connection; nothing you entered is lost.',
  unknown_failure: 'Something unexpected happened and nothing was changed. Try again, or tell us the trace id.',
  internal_error: 'Something broke on our side and nothing was changed. Try again; if it stays, tell us the trace id.',
  sign_in_required: 'Sign in first; what you entered is kept.',
  item_given: 'It is given and waits to be accepted; the portfolio page takes it back.',
  staff_sign_in_required: 'Sign in with your certificate first.',
  official_key_locked:
    'The key of your certificate is not open in this page. Sign out, sign in with your certificate file, and sign again.',
  role_missing: 'Your certificate has another role. Ask your organisation for access.',
  rate_limited: 'That was too often. Wait a moment and try again.',
  wrong_passphrase: 'That is not the passphrase. Try again.',
  recovery_file_malformed: 'This is not a recovery file that can be used. Choose another.',
  export_unknown: 'There is no such package, or it is not ready.',
  watch_list_full: 'You watch 200 kinds already. Take one off first.',
  feed_seq_ahead: 'The room has not come as far as that number. Load the page again.',
};

/** What the codes of certificate chains mean, in both languages. */
import type { Words } from '#ledger/verify/codes.ts';
import type { ChainRefusal } from './verify-chain.ts';

export const CHAIN_WORDS = {
  chain_too_long: { zh: '证书链为空或过长', en: 'the chain is empty or too long' },
  der_malformed: { zh: '编码不符合 DER', en: 'the encoding is not DER' },
  certificate_malformed: { zh: '证书格式不正确', en: 'a certificate is malformed' },
  certificate_algorithm: { zh: '证书使用了其他算法', en: 'a certificate uses another algorithm' },
  certificate_curve: { zh: '密钥不在 SM2 曲线上', en: 'a key is not on the SM2 curve' },
  certificate_extension_unknown: { zh: '含有无法识别的关键扩展', en: 'a critical extension is unknown' },
  crl_malformed: { zh: '吊销列表格式不正确', en: 'a revocation list is malformed' },
  certificate_not_yet_valid: { zh: '证书当时尚未生效', en: 'a certificate was not valid yet' },
  certificate_expired: { zh: '证书当时已过期', en: 'a certificate had expired' },
  certificate_usage: { zh: '证书用途不符', en: 'a certificate is for another use' },
  certificate_issuer_unknown: { zh: '证书链不完整', en: 'the chain is broken' },
  certificate_not_ca: { zh: '签发者不是证书机构', en: 'an issuer is no authority' },
  certificate_path_length: { zh: '证书链超过允许的长度', en: 'the chain is longer than an authority permits' },
  certificate_user_id: { zh: '未按默认用户标识签名', en: 'signed without the default user id' },
  certificate_signature: { zh: '证书签名不成立', en: 'a certificate’s signature does not hold' },
  crl_missing: { zh: '缺少吊销列表', en: 'a revocation list is missing' },
  crl_signature: { zh: '吊销列表的签名不成立', en: 'a revocation list’s signature does not hold' },
  crl_stale: { zh: '吊销列表已过期', en: 'a revocation list is out of date' },
  certificate_revoked: { zh: '证书当时已被吊销', en: 'a certificate had been revoked' },
  anchor_unknown: { zh: '根证书不受信任', en: 'the root is not trusted' },
} as const satisfies Readonly<Record<ChainRefusal, Words>>;

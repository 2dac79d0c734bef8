/** The eleven steps of an evidence package (ledger.md 18, rulebook 7.2) and the codes beside those of receipts and certificates. */
import type { ErrorFacts } from '#ledger/primitives/errors.ts';
import type { Words } from '#ledger/verify/codes.ts';

export const EVIDENCE_STEP_WORDS = {
  1: { zh: '文件齐全且未改动', en: 'Files are complete and unchanged' },
  2: { zh: '清单的电子签名', en: 'Signature of the manifest' },
  3: { zh: '证书链，签名时有效且未吊销', en: 'Certificates: chain, valid and not revoked at the time of signing' },
  4: { zh: '时间戳', en: 'Time stamp' },
  5: { zh: '当事人对原始字节的签名', en: 'Signatures of the parties over the exact bytes' },
  6: { zh: '记录在账本中', en: 'The entry is in the ledger' },
  7: { zh: '区块头连至检查点', en: 'Header to checkpoint' },
  8: { zh: '成员见证足够', en: 'Quorum of members' },
  9: { zh: '与其他成员的检查点一致', en: 'Checkpoint equals the copies of other members' },
  10: { zh: '金额与支付回执、归属与托管记录一致', en: 'Amounts equal the payment receipt, owner equals the custody record' },
  11: { zh: '时间顺序', en: 'Order of times' },
} as const satisfies Readonly<Record<number, Words>>;
export type EvidenceStepNumber = keyof typeof EVIDENCE_STEP_WORDS;

/** Failures of this folder; steps 3, 5, 6, 7 and 8 also answer with the codes of certificates (`certificate_…`) and receipts (`E20` to `E60`). */
export const EVIDENCE_CODES = {
  package_malformed: { zh: '证据包无法读取', en: 'the package cannot be read' },
  manifest_malformed: { zh: '清单格式不正确', en: 'the manifest is malformed' },
  file_missing: { zh: '缺少清单所列文件', en: 'a file of the manifest is missing' },
  file_changed: { zh: '文件内容与清单不符', en: 'a file is not what the manifest says' },
  file_unlisted: { zh: '含有清单未列的文件', en: 'a file stands outside the manifest' },
  signature_malformed: { zh: '签名文件格式不正确', en: 'the signature file is malformed' },
  signature_invalid: { zh: '签名不成立', en: 'the signature does not hold' },
  signer_not_operator: { zh: '签名人不是运营方', en: 'the signer is not the operator' },
  roots_missing: { zh: '没有可信的根证书', en: 'there is no trusted root certificate' },
  time_stamp_missing: { zh: '缺少清单声明的时间戳', en: 'the time stamp that the manifest declares is missing' },
  time_stamp_malformed: { zh: '时间戳格式不正确', en: 'the time stamp is malformed' },
  time_stamp_invalid: { zh: '时间戳不成立', en: 'the time stamp does not hold' },
  time_stamp_of_other: { zh: '时间戳不属于此清单', en: 'the time stamp is of another manifest' },
  time_stamp_future: { zh: '时间戳晚于当前时间', en: 'the time stamp lies in the future' },
  subject_mismatch: { zh: '单列的签名字节与账本记录不符', en: 'bytes that are shown apart differ from the entry' },
  checkpoint_mismatch: { zh: '清单的检查点与凭证不符', en: 'the manifest names another checkpoint than the receipt' },
  witness_mismatch: { zh: '其他成员的检查点与此不符', en: 'another member’s checkpoint differs' },
  payment_mismatch: { zh: '金额与支付回执不符', en: 'amounts differ from the payment receipt' },
  owner_mismatch: { zh: '归属与托管记录不符', en: 'the owner differs from the custody record' },
  time_order: { zh: '时间先后不合理', en: 'the times are out of order' },
  unproven: { zh: '前序步骤未通过，无法核对', en: 'an earlier step failed, so this one could not be checked' },
  time_stamp_none: { zh: '证据包声明不含时间戳', en: 'the package declares that it has no time stamp' },
  time_stamp_simulated: { zh: '时间戳由模拟机构出具', en: 'the time stamp is by a simulated authority' },
  certificate_not_licensed: { zh: '证书由未获许可的测试机构签发', en: 'the certificates are by a test authority that is not licensed' },
  signatures_partly_unchecked: { zh: '部分签名的公钥未随文件提供', en: 'some signatures were not checked: their keys are not in the file' },
  witness_none: { zh: '不含其他成员的检查点', en: 'no copies of other members are in the package' },
  provenance_partial: { zh: '部分核对材料未提供', en: 'some of the receipts to compare with are not in the package' },
} as const satisfies Readonly<Record<string, Words>>;
export type EvidenceCode = keyof typeof EVIDENCE_CODES;

export type EvidenceStep = {
  readonly step: EvidenceStepNumber;
  readonly ok: boolean;
  /** Failed: why. Passed with a code: a reservation. */
  readonly code: string | null;
  readonly facts: ErrorFacts;
};

export class EvidenceFailure extends Error {
  readonly code: string;
  readonly facts: ErrorFacts;
  constructor(code: EvidenceCode, facts?: ErrorFacts);
  /** A code of certificates or receipts. */
  constructor(code: string, facts: ErrorFacts);
  constructor(code: string, facts: ErrorFacts = {}) {
    super(code);
    this.name = 'EvidenceFailure';
    this.code = code;
    this.facts = facts;
  }
}

export function requireEvidence(condition: boolean, code: EvidenceCode, facts: ErrorFacts = {}): asserts condition {
  if (!condition) throw new EvidenceFailure(code, facts);
}

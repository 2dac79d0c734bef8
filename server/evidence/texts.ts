/** What a package says in words: environment, interest, how to verify it. Chinese and English, side by side. */
import type { Words } from '#ledger/verify/codes.ts';

export const INTEREST_STATEMENT: Words = {
  zh: '本平台的运营方运行账本的一个成员节点，并从交易中收取服务费。账本的其他成员由各自机构运行；成员名单见 environment/members.json。',
  en: 'The operator of this market runs a member node of the ledger and takes a fee from trades. The other members are run by their own organisations; environment/members.json lists them.',
};

export const SOFTWARE_WARNING: Words = {
  zh: '本软件为纯软件密码库，未经商用密码产品认证。',
  en: 'This is a pure software library and not a certified cryptographic product.',
};
export const ROOT_WARNING: Words = {
  zh: '证书由内置测试机构（NOT_LICENSED）签发，不是依法许可的电子认证服务，不产生相应法律效力。',
  en: 'The certificates are issued by the built-in test authority (NOT_LICENSED), which is not a licensed certification service and has no such legal effect.',
};
export const STAMP_WARNING: Words = {
  zh: '时间戳由运营方机器上的模拟机构出具，不是独立的可信时间戳。',
  en: 'The time stamp is by a simulated authority on the operator’s machine and not an independent trusted time stamp.',
};
export const NO_STAMP_WARNING: Words = {
  zh: '本证据包不含时间戳：导出时时间戳机构未作答或未配置。',
  en: 'This package has no time stamp: the authority did not answer, or none is set up.',
};
export const CHAIN_WARNING: Words = {
  zh: '这是演示链，参与者的密钥已公开，内容不具法律效力。',
  en: 'This is a demonstration chain whose keys are published; what it says has no legal effect.',
};
export const FILING_WARNING: Words = {
  zh: '区块链信息服务备案：未备案（演示）。',
  en: 'Filing as a blockchain information service: none (demonstration).',
};
export const NO_FILING_WARNING: Words = {
  zh: '区块链信息服务备案：运营方未提供备案编号。',
  en: 'Filing as a blockchain information service: the operator has put no number on record.',
};
export const GAME_SERVER_WARNING: Words = {
  zh: '未附游戏服务器回执：发行方未提供。',
  en: 'No receipt of a game server is attached: the studio supplied none.',
};

export const STANDARDS: readonly string[] = [
  'GB/T 32905 (SM3)',
  'GB/T 32918 (SM2)',
  'GB/T 20518 (certificates)',
  'GB/T 35275 (SignedData)',
  'RFC 3161, GM/T 0033 (time stamp)',
  'RFC 8785 (canonical JSON)',
  'RFC 6962 (log, over SM3)',
  'GB/T 43580-2023 (evidence on blockchain, guidance)',
  'Online Litigation Rules of the Supreme People’s Court (2021), art. 16-18',
];

export function readme(facts: { readonly chain: string; readonly verifierSm3: string; readonly subject: string }): string {
  return `证据包 / Evidence package
${facts.subject}

【中文】
一、核对方式（任选其一，均可离线）
  1. 浏览器：打开市场的 /verify 页面，或事先保存的单文件版 verify.html，把本压缩包拖入。
     单文件版的 SM3：${facts.verifierSm3}
  2. 命令：npm run --silent cli -- verify 本文件.zip --chain 链指纹 [--roots 根证书.pem] [--lang zh]
二、链指纹须另行取得（公证机构公布、或印在纸面上），并与下列逐位核对：
  ${facts.chain}
三、核对共十一步，逐步报告：文件、清单签名、证书、时间戳、当事人签名、账本记录、检查点、见证数量、其他成员的检查点、金额与归属、时间顺序。
四、不用本软件也可核对：
  清单签名：openssl asn1parse -inform DER -in manifest.p7s；文件散列：openssl dgst -sm3 文件。
  OpenSSL 3 验证 SM2 时须给出 distid:1234567812345678。
五、说明：本软件为纯软件密码库，未经商用密码产品认证；其他提示见 manifest.json 的 notLicensedWarnings。

[English]
1. How to verify (either way, offline)
   a. Browser: open /verify of the market, or the saved one-file version verify.html, and drop this zip.
      SM3 of the one-file version: ${facts.verifierSm3}
   b. Command: npm run --silent cli -- verify THIS.zip --chain FINGERPRINT [--roots ROOTS.pem] [--lang en]
2. Take the chain fingerprint from elsewhere (published by the notary, or printed on paper) and compare digit by digit:
   ${facts.chain}
3. Eleven steps are reported: files, signature of the manifest, certificates, time stamp, signatures of the parties, entry in the ledger,
   checkpoint, quorum, other members' checkpoints, amounts and owner, order of times.
4. Without this software: openssl asn1parse -inform DER -in manifest.p7s shows the signature, openssl dgst -sm3 FILE a hash.
   OpenSSL 3 needs distid:1234567812345678 to verify SM2.
5. Note: this is a pure software library and not a certified cryptographic product; notLicensedWarnings in manifest.json says more.
`;
}

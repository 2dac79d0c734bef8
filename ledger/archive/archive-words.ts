/** What `verify ARCHIVE` answers: one sentence in each language, the counts, and the same as data. */
import { toHex } from '#ledger/primitives/bytes.ts';
import type { Words } from '#ledger/verify/codes.ts';
import { EXIT_CODE, type JsonObject } from '#ledger/verify/verdict.ts';
import type { ArchiveCode, ArchiveVerdict } from './verify-archive.ts';

const CODE_WORDS: Readonly<Record<ArchiveCode, Words>> = {
  archive_malformed: { zh: '档案格式不正确或已损坏', en: 'the archive is malformed or damaged' },
  archive_other_chain: { zh: '档案属于另一条链', en: 'the archive is of another chain' },
  archive_file_missing: { zh: '清单所列的文件不在档案中', en: 'a file that the manifest lists is missing' },
  archive_file_differs: { zh: '文件与清单所列的摘要不符', en: 'a file is not the one that the manifest lists' },
  archive_file_unlisted: { zh: '档案中有清单未列的文件', en: 'a file is not in the manifest' },
  archive_proof: { zh: '其中一份证明不成立', en: 'a proof inside does not hold' },
  archive_other_header: { zh: '证明不属于清单所说的区块', en: 'a proof is of another block than the manifest says' },
  archive_sunset: { zh: '未证明账本记录了此次停服', en: 'the ledger’s record of this end is not proven' },
  archive_other_issuer: { zh: '其中有另一厂商的道具种类', en: 'a kind inside is another studio’s' },
  archive_items_incomplete: {
    zh: '有道具缺失：种类的发行数与档案不符',
    en: 'items are missing: a kind counts more than the archive holds',
  },
  archive_entries_incomplete: { zh: '有账本记录缺失', en: 'an entry of the ledger is missing' },
  archive_document: { zh: '条款或图片缺失或不符', en: 'terms or art are missing or not those that the kind names' },
  archive_owner: { zh: '该道具属于另一个账户', en: 'the item is another account’s' },
  archive_item_unknown: { zh: '档案中没有该道具', en: 'the archive has no such item' },
};

const isoOf = (milliseconds: string): string => new Date(Number(milliseconds)).toISOString();

function sentenceOf({ code, manifest }: ArchiveVerdict): Words {
  if (code !== null) return { zh: `未证明：${CODE_WORDS[code].zh}（${code}）。`, en: `Not proven: ${CODE_WORDS[code].en} (${code}).` };
  const { height, sealedAt, items, classes } = manifest ?? { height: '', sealedAt: '0', items: 0, classes: 0 };
  return {
    zh: `已证明：截至区块 ${height}（${isoOf(sealedAt)}），本游戏的 ${classes} 个道具种类、${items} 件道具及其全部账本记录均在档案中。`,
    en: `Proven: as of block ${height} (${isoOf(sealedAt)}) the archive holds all ${items} items of ${classes} kinds and every entry about them.`,
  };
}

export function archiveLines(verdict: ArchiveVerdict, lang: 'zh' | 'en'): readonly string[] {
  const { manifest, sm3, item, facts } = verdict;
  const missing = manifest?.missing.length ?? 0;
  const reason = Object.keys(facts).length === 0 ? [] : [`  ${JSON.stringify(facts)}`];
  const lacks = {
    zh: `  注意：${missing} 份条款或图片在存档时已不可得`,
    en: `  note  ${missing} documents or pictures could not be had when it was made`,
  };
  return [
    sentenceOf(verdict)[lang],
    ...reason,
    ...(item === null
      ? []
      : [lang === 'zh' ? `  道具 ${item.serial} 属于账户 ${item.owner}` : `  item ${item.serial} belongs to account ${item.owner}`]),
    ...(missing === 0 ? [] : [lacks[lang]]),
    ...(sm3 === null ? [] : [`  SM3 of the manifest ${toHex(sm3)}`]),
  ];
}

export function archiveJson(verdict: ArchiveVerdict): JsonObject {
  const { outcome, code, facts, manifest, sm3, item } = verdict;
  return {
    schema: 'daoju.archive-verdict/1',
    outcome,
    exitCode: EXIT_CODE[outcome],
    code,
    facts: { ...facts },
    manifest: sm3 === null ? null : toHex(sm3),
    studio: manifest?.studio ?? null,
    height: manifest?.height ?? null,
    endedAt: manifest?.endedAt ?? null,
    classes: manifest?.classes ?? null,
    items: manifest?.items ?? null,
    entries: manifest?.entries ?? null,
    missing: manifest === null ? [] : [...manifest.missing],
    item: item === null ? null : { serial: String(item.serial), owner: item.owner, ver: String(item.ver) },
    sentences: { ...sentenceOf(verdict) },
  };
}

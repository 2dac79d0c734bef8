/** The catalogue's own words in Chinese, from `icon-map.json`: rarities with their dots, refinements, types. */
import type { ClassCard } from '#server/trpc/views.ts';
import type { Locale } from './format.ts';

export const RARITIES = ['Common', 'Uncommon', 'Rare', 'Legendary'] as const;
const RARITY = {
  Common: { zh: '普通', dots: 1 },
  Uncommon: { zh: '罕见', dots: 2 },
  Rare: { zh: '稀有', dots: 3 },
  Legendary: { zh: '传说', dots: 4 },
} as const satisfies Record<(typeof RARITIES)[number], { zh: string; dots: number }>;
const REFINEMENT: Readonly<Record<string, string>> = { Intact: '完整', Exceptional: '优良', Flawless: '无瑕', Radiant: '光辉' };
const CATEGORY: Readonly<Record<string, string>> = {
  Arcanes: '赋能',
  'Arch-Gun': 'Archwing 枪械',
  'Arch-Melee': 'Archwing 近战',
  Archwing: 'Archwing',
  Enemy: '敌人',
  Fish: '鱼类',
  Gear: '装备',
  Glyphs: '浮印',
  Melee: '近战',
  Misc: '杂项',
  Mods: 'MOD',
  Pets: '宠物',
  Primary: '主要武器',
  Relics: '遗物',
  Resources: '资源',
  Secondary: '次要武器',
  Sentinels: '守护',
  Skins: '外观',
  Warframes: '战甲',
};

/** Values of attributes that are words and no names; names stay as they are. */
const VALUE: Readonly<Record<string, string>> = {
  ...{ Auto: '全自动', Semi: '半自动', Charge: '蓄力', Held: '持续', Active: '主动', Duplex: '双发' },
  ...{ Alarming: '响亮', Silent: '无声', universal: '通用', aura: '光环' },
  ...{ impact: '冲击', slash: '切割', puncture: '穿刺', electricity: '电击', heat: '火焰', cold: '冰冻' },
  ...{ radiation: '辐射', blast: '爆炸', magnetic: '磁力' },
  ...{ Rifle: '步枪', Pistol: '手枪', Shotgun: '霰弹枪', Sniper: '狙击枪', Bow: '弓', Melee: '近战武器', Warframe: '战甲' },
  ...{ ANY: '任意', PRIMARY: '主要武器', WARFRAME: '战甲', COMPANION: '同伴', BEAST: '野兽', ROBOTIC: '机械' },
  ...REFINEMENT,
};

const isRarity = (value: string): value is keyof typeof RARITY => Object.hasOwn(RARITY, value);

export function rarityDots(rarity: string | null): number {
  return rarity !== null && isRarity(rarity) ? RARITY[rarity].dots : 0;
}
export function rarityName(rarity: string | null, locale: Locale): string | null {
  if (rarity === null) return null;
  return locale === 'en' || !isRarity(rarity) ? rarity : RARITY[rarity].zh;
}
export function refinementName(refinement: string | null, locale: Locale): string | null {
  if (refinement === null) return null;
  return locale === 'en' ? refinement : (REFINEMENT[refinement] ?? refinement);
}
/** `isForeign`: in another language than the page, so that it carries a mark. */
export function attributeValueName(value: string, locale: Locale): { readonly text: string; readonly isForeign: boolean } {
  const word = locale === 'en' ? undefined : VALUE[value];
  return word === undefined ? { text: value, isForeign: locale !== 'en' && /[A-Za-z]/.test(value) } : { text: word, isForeign: false };
}
export function categoryName(category: string, locale: Locale): string {
  return locale === 'en' ? category : (CATEGORY[category] ?? category);
}
export function typeName(card: Pick<ClassCard, 'type' | 'typeZh'>, locale: Locale): string {
  return locale === 'en' ? card.type : (card.typeZh ?? card.type);
}

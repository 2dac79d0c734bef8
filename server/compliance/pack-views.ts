/** Packs and proposals as pages show them. */

import { beijingDate, type Instant, toIso } from '#ledger/primitives/instant.ts';
import { constantsWithClocks, isClock } from '#sandbox/packs/clocks.ts';
import { comparePacks } from '#sandbox/packs/compare-packs.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import { MECHANISMS, type MechanismName, type RulePack, type Texts } from '#sandbox/packs/rule-pack.ts';
import { readPersonal } from '#server/cases/personal-signatures.ts';
import { coSignViews } from '#server/co-sign/ask.ts';
import type { PackDifferenceView, PackParameter, PackSummary, PackView, ProposalView } from '#server/trpc/views.ts';
import { listComments, listSignatures, type Proposal } from './packs.repo.ts';
import { type KnownPack, PACK_SENTENCES, type PackGround, refuseDraft } from './packs.ts';

const DAY_MS = 86_400_000;
const WARN_DAYS = 90;

export function packSummary({ pack, hash, state }: KnownPack, now: Instant): PackSummary {
  const daysLeft = Math.round((Date.parse(pack.effectiveTo) - Date.parse(beijingDate(now))) / DAY_MS) + 1;
  return {
    packId: pack.id,
    version: pack.version,
    packHash: hash,
    state,
    effectiveFrom: pack.effectiveFrom,
    effectiveTo: pack.effectiveTo,
    currency: pack.currency,
    daysLeft,
    isEnding: daysLeft <= WARN_DAYS,
  };
}

export function packView(known: KnownPack, now: Instant): PackView {
  const { pack } = known;
  const constants = constantViews(pack);
  return {
    ...packSummary(known, now),
    parameters: [...constants, ...mechanismViews(pack)],
    lines: pack.lines.map(({ id, ruleId, name, txTypes, payer, citation, confidence }) => ({
      id,
      ruleId,
      name,
      txTypes,
      payer,
      citation,
      confidence,
    })),
    figures: (pack.figures ?? []).map(({ id, name, steps }) => ({ id, name, steps: steps.length })),
    reporting: (pack.reporting ?? []).map(({ id, ruleId, period, citation }) => ({ id, ruleId, period, citation })),
    caps: (pack.caps ?? []).map(({ id, subject, window, measure, max, inclusive, citation }) => ({
      id,
      subject,
      window,
      measure,
      inclusive,
      parameter: constants.find(({ name }) => name === max) ?? null,
      citation,
    })),
    document: JSON.stringify(pack, null, 2),
  };
}

/** By rule, the figures of detectors last: who reads a pack looks for taxes and limits first. A stored document has an order of its own. */
function orderOf(a: string, ruleOfA: string, b: string, ruleOfB: string): number {
  const isDetectors = (name: string) => Number(name.startsWith('sv'));
  return (
    isDetectors(a) - isDetectors(b) ||
    ruleOfA.localeCompare(ruleOfB, 'en', { numeric: true }) ||
    a.localeCompare(b, 'en', { numeric: true })
  );
}

function constantViews(pack: RulePack): readonly PackParameter[] {
  const all = Object.entries(constantsWithClocks(pack)).toSorted(([a, { ruleId: x }], [b, { ruleId: y }]) => orderOf(a, x, b, y));
  return all.map(([name, parameter]) => ({
    name,
    path: `const.${name}`,
    words: parameter.name ?? null,
    ruleId: parameter.ruleId,
    value: parameter.value,
    unit: parameter.unit,
    allowed: parameter.allowed ?? [],
    citation: parameter.citation,
    confidence: parameter.confidence,
    asOf: parameter.asOf,
    from: parameter.effectiveFrom,
    to: parameter.effectiveTo,
    stricterIs: parameter.stricterIs ?? null,
    statutory: parameter.statutory,
    grantable: parameter.grantable ?? false,
    isClock: isClock(name),
    isDefault: !Object.hasOwn(pack.constants, name),
  }));
}

const MECHANISM_WORDS: Readonly<Record<MechanismName, Texts>> = {
  FIXED_PRICE: { zh: '一口价成交', en: 'Trades at a fixed price' },
  NEGOTIATED: { zh: '议价成交', en: 'Trades by negotiation' },
  PRICE_TIME_MATCH: { zh: '价格时间优先撮合', en: 'Matching by price, then time' },
  CALL_AUCTION: { zh: '集合竞价', en: 'Call auctions' },
  MARKET_MAKER: { zh: '做市商', en: 'Market makers' },
  STANDARD_CONTRACT: { zh: '标准化合约', en: 'Standardised contracts' },
  AUCTION: { zh: '拍卖', en: 'Auctions' },
};

function mechanismViews(pack: RulePack): readonly PackParameter[] {
  return MECHANISMS.map((name): PackParameter => {
    const rule = pack.trading.matching[name];
    return {
      name,
      path: `trading.matching.${name}`,
      words: MECHANISM_WORDS[name],
      ruleId: rule.ruleId,
      value: `${rule.value}`,
      unit: 'switch',
      allowed: ['true', 'false'],
      citation: rule.citation,
      confidence: rule.confidence,
      asOf: pack.effectiveFrom,
      from: pack.effectiveFrom,
      to: pack.effectiveTo,
      stricterIs: rule.stricterIs,
      statutory: rule.statutory,
      grantable: rule.grantable,
      isClock: false,
      isDefault: false,
    };
  });
}

export function differenceViews(before: RulePack, after: RulePack): readonly PackDifferenceView[] {
  return comparePacks(before, after).map(({ path, name, unit, before: was, after: is, direction, statutory }) => ({
    path,
    words: name,
    unit,
    before: was,
    after: is,
    direction,
    statutory,
  }));
}

export async function proposalView(ground: PackGround, proposal: Proposal): Promise<ProposalView> {
  const { sql } = ground;
  const base = findPackByHash(proposal.baseHash);
  const isOpen = proposal.state === 'draft' || proposal.state === 'public';
  const [approvals, personal, comments, obstacle, coSigns] = await Promise.all([
    listSignatures(sql, proposal.proposalId),
    readPersonal(ground, proposal.proposalId),
    listComments(sql, proposal.proposalId),
    isOpen ? refuseDraft(ground, proposal.pack, proposal) : null,
    proposal.state === 'public' ? coSignViews(sql, 'pack_activation', proposal.proposalId, proposal.createdAt) : [],
  ]);
  return {
    proposalId: proposal.proposalId,
    packId: proposal.pack.id,
    version: proposal.pack.version,
    packHash: proposal.packHash,
    baseHash: proposal.baseHash,
    reason: proposal.reason,
    mode: proposal.mode,
    coSign: coSigns[0] ?? null,
    state: proposal.state,
    effectiveFrom: toIso(proposal.effectiveFrom),
    createdAt: toIso(proposal.createdAt),
    publishedAt: proposal.publishedAt === null ? null : toIso(proposal.publishedAt),
    activatedAt: proposal.activatedAt === null ? null : toIso(proposal.activatedAt),
    txId: proposal.txId,
    authorization: proposal.authorization,
    differences: base === null ? [] : differenceViews(base, proposal.pack),
    approvals: approvals.map(({ role, staffId, name, organisation, at }) => ({
      ...{ role, name, organisation, at: toIso(at) },
      signed: personal.find((each) => each.staffId === staffId && each.document.packHash === proposal.packHash)?.view ?? null,
    })),
    comments: comments.map(({ commentId, at, author, text }) => ({ commentId, at: toIso(at), author, text })),
    obstacle: obstacle === null ? null : { ...obstacle, message: PACK_SENTENCES[obstacle.code] ?? '' },
  };
}

/** Every procedure that pages call, in one place: what goes in, what comes back. The way there is `transport.ts`, what fails `read-refusal.ts`. */
import type { ClassId, ItemId, OrderId } from '#ledger/primitives/ids.ts';
import type { ChangeInput, SignedAct } from '#server/members/proposals.ts';
import type * as V from '#server/trpc/views.ts';
import { client } from './transport.ts';

export { isUnsure, readRefusal } from './read-refusal.ts';
export { traceIdOf } from './transport.ts';

type EnhancedDeclaration = Pick<Parameters<typeof client.account.checkEnhanced.mutate>[0], 'occupation' | 'fundsFrom'>;
export type FundsFrom = EnhancedDeclaration['fundsFrom'];
type TransferInput = { readonly referenceId: string; readonly amountFen: V.FenText };
type KeyProof = Parameters<typeof client.account.checkEnhanced.mutate>[0]['proof'];

export type QuoteInput = {
  readonly expression?: string;
  readonly smallestFill?: number;
  readonly lifeDays?: number;
  readonly namedBuyer?: string;
  readonly lifeHours?: number;
  readonly smallestOfferFen?: V.FenText;
  readonly intent: V.OrderIntent;
  readonly classId: ClassId;
  readonly itemIds?: readonly ItemId[];
  readonly targetOrderId?: OrderId;
  readonly priceFen: V.FenText;
  readonly quantity: number;
  readonly timeInForce?: V.TimeInForce;
  readonly payFrom?: V.PayFrom;
  readonly replaces?: OrderId;
};
export type CandleInput = {
  readonly classId: string;
  readonly interval: V.CandlePage['interval'];
  readonly range: CandleRange;
  readonly filtered: boolean;
};
export type CandleRange = '24h' | '7d' | '30d' | '90d' | '1y' | 'all';

/** The wire's input type has writable lists; the screens' is read-only. A copy satisfies both. */
function writable({ category, rarity, where, ...rest }: V.SearchQuery) {
  const copied = Object.entries(where ?? {}).map(([key, value]) => [key, isList(value) ? [...value] : value] as const);
  return {
    ...rest,
    category: category === undefined ? undefined : [...category],
    rarity: rarity === undefined ? undefined : [...rarity],
    where: where === undefined ? undefined : Object.fromEntries(copied),
  };
}
const isList = (value: unknown): value is readonly string[] => Array.isArray(value);

export const api = {
  /** For everybody: what stands still. */
  halts: () => client.case.halts.query(),
  /** What a supervisor has asked of whoever reads. */
  inquiries: (as: V.InquiryParty) => client.inquiry.mine.query({ as }),
  home: { get: () => client.home.get.query() },
  search: { list: (query: V.SearchQuery) => client.search.list.query(writable(query)) },
  itemClass: {
    get: (classId: string) => client.itemClass.get.query({ classId }),
    artHolders: (sm3: string) => client.itemClass.artHolders.query({ sm3 }),
    getPanels: (chart: CandleInput) => client.itemClass.getPanels.query(chart),
  },
  seller: { get: (acct: string) => client.seller.get.query({ acct }) },
  item: { get: (itemId: string) => client.item.get.query({ itemId }) },
  market: {
    listBuyOrders: (classId: string) => client.market.listBuyOrders.query({ classId }),
    listFitting: (input: { classId: string; expression: string }) => client.market.listFitting.query(input),
    listSilent: () => client.market.listSilent.query(),
    listSunsets: () => client.market.listSunsets.query(),
  },
  quote: { get: (input: QuoteInput) => client.quote.get.mutate(input) },
  order: {
    place: (input: V.PlaceOrderInput) => client.order.place.mutate(input),
    placeMany: (orders: readonly V.PlaceOrderInput[]) => client.order.placeMany.mutate({ rows: orders }),
    replace: (input: V.ReplaceOrderInput) => client.order.replace.mutate(input),
    cancel: (input: V.CancelOrderInput) => client.order.cancel.mutate(input),
    list: (input: { open?: boolean; cursor?: string }) => client.order.list.query(input),
  },
  offer: {
    list: () => client.offer.list.query(),
    place: (input: V.PlaceOrderInput) => client.offer.place.mutate(input),
    counter: (input: V.PlaceOrderInput) => client.offer.counter.mutate(input),
    accept: (input: V.PlaceOrderInput) => client.offer.accept.mutate(input),
    withdraw: (input: V.CancelOrderInput) => client.offer.withdraw.mutate(input),
    allow: (takesOffers: boolean) => client.offer.allow.mutate({ takesOffers }),
  },
  trade: {
    get: (tradeId: string) => client.trade.get.query({ tradeId }),
    list: (input: { cursor?: string }) => client.trade.list.query(input),
  },
  watch: {
    list: () => client.watch.list.query(),
    put: (input: { classId: string; belowFen: V.FenText | null }) => client.watch.put.mutate(input),
    remove: (classId: string) => client.watch.remove.mutate({ classId }),
  },
  inbox: {
    list: (input: { family: V.NoticeFamily | null; before: number | null; isUnreadOnly: boolean }) => client.inbox.list.query(input),
    unread: () => client.inbox.unread.query(),
    markRead: (seq: number) => client.inbox.markRead.mutate({ seq }),
    markAllRead: (upTo: number) => client.inbox.markAllRead.mutate({ upTo }),
    mute: (family: Parameters<typeof client.inbox.mute.mutate>[0]['family'], isMuted: boolean) =>
      client.inbox.mute.mutate({ family, isMuted }),
  },
  gift: {
    list: () => client.gift.list.query(),
    waiting: () => client.gift.waiting.query(),
    quote: (input: { itemIds: readonly string[]; to: string }) => client.gift.quote.mutate({ itemIds: [...input.itemIds], to: input.to }),
    sendMany: (rows: readonly { referenceId: string; itemId: string; to: string; transfers: readonly string[] }[]) =>
      client.gift.sendMany.mutate({ rows: rows.map((row) => ({ ...row, transfers: [...row.transfers] })) }),
    accept: (input: { giftId: string; transfer: string }) => client.gift.accept.mutate(input),
    end: (giftId: string) => client.gift.end.mutate({ giftId }),
  },
  portfolio: { list: (input: { cursor?: string }) => client.portfolio.list.query(input) },
  money: {
    get: () => client.money.get.query(),
    deposit: (transfer: TransferInput, proof: KeyProof) => client.money.deposit.mutate({ ...transfer, proof }),
    withdraw: (transfer: TransferInput, proof: KeyProof) => client.money.withdraw.mutate({ ...transfer, proof }),
  },
  reserve: {
    get: () => client.reserve.get.query(),
    prove: (input: Parameters<typeof client.reserve.prove.mutate>[0]) => client.reserve.prove.mutate(input),
    fileAtSimulatedOffice: (input: Parameters<typeof client.reserve.fileAtSimulatedOffice.mutate>[0]) =>
      client.reserve.fileAtSimulatedOffice.mutate(input),
    complain: (input: { tradeId: string; text: string }) => client.reserve.complain.mutate(input),
    desk: () => client.reserve.desk.query(),
    decide: (input: Parameters<typeof client.reserve.decide.mutate>[0]) => client.reserve.decide.mutate(input),
    answer: (input: Parameters<typeof client.reserve.answer.mutate>[0]) => client.reserve.answer.mutate(input),
  },
  myData: {
    get: () => client.myData.get.query(),
    clear: () => client.myData.clear.mutate(),
    close: (proof: KeyProof) => client.myData.close.mutate({ proof }),
  },
  checkout: {
    get: (checkoutId: string) => client.checkout.get.query({ checkoutId }),
    pay: (input: { checkoutId: string; way: 'at_once' | 'slow' | 'declined' }) => client.checkout.pay.mutate(input),
  },
  evidence: {
    export: (input: {
      subject: { kind: 'trade' | 'item'; id: string };
      caseRef: string;
      challenge: string;
      issuedAt: string;
      signature: V.Hex;
    }) => client.evidence.export.mutate(input),
    get: (exportId: string) => client.evidence.get.query({ exportId }),
    list: (subjectId: string) => client.evidence.list.query({ subjectId }),
    file: (exportId: string) => client.evidence.file.query({ exportId }),
    askNotary: (exportId: string) => client.evidence.askNotary.mutate({ exportId }),
  },
  certificate: { list: () => client.certificate.list.query() },
  passport: { get: (itemId: string) => client.passport.get.query({ itemId }) },
  receipt: { get: (tradeId: string) => client.receipt.get.query({ tradeId }) },
  experiment: {
    get: (experimentId: string) => client.experiment.get.query({ experimentId }),
    list: () => client.experiment.list.query(),
    join: (experimentId: string) => client.experiment.join.mutate({ experimentId }),
    leave: (experimentId: string) => client.experiment.leave.mutate({ experimentId }),
    notice: (experimentId: string) => client.experiment.notice.query({ experimentId }),
    comment: (experimentId: string, text: string) => client.experiment.comment.mutate({ experimentId, text }),
    report: (experimentId: string) => client.experiment.report.query({ experimentId }),
  },
  account: {
    me: () => client.account.me.query(),
    policyTemplate: () => client.account.policyTemplate.query(),
    requestCode: (phone: string) =>
      client.account.requestCode.mutate({
        phone,
      }),
    verifyIdentity: (input: { phone: string; code: string; realName: string; idNumber: string }) =>
      client.account.verifyIdentity.mutate(input),
    register: (input: { registrationId: string; displayName: string; agreementVersion: string; accountOpen: V.Hex }) =>
      client.account.register.mutate(input),
    bindCard: (cardNumber: string, proof?: KeyProof) =>
      client.account.bindCard.mutate({ cardNumber, ...(proof === undefined ? {} : { proof }) }),
    checkEnhanced: (declaration: EnhancedDeclaration, proof: KeyProof) => client.account.checkEnhanced.mutate({ ...declaration, proof }),
    sellerCheck: () => client.account.sellerCheck.query(),
    checkSeller: (proof: KeyProof) => client.account.checkSeller.mutate({ proof }),
    confirmRecovery: () => client.account.confirmRecovery.mutate(),
  },
  session: {
    challenge: () => client.session.challenge.mutate(),
    signIn: (input: { acct: string; challenge: string; issuedAt: string; signature: V.Hex }) => client.session.signIn.mutate(input),
    demoAccounts: () => client.session.demoAccounts.query(),
    signOut: () => client.session.signOut.mutate(),
    list: () => client.session.list.query(),
    revoke: (sessionId: string) => client.session.revoke.mutate({ sessionId }),
  },
  claim: {
    list: () => client.claim.list.query(),
    get: (claimId: string, as: 'party' | 'staff') => client.claim.get.query({ claimId, as }),
    ofTrade: (tradeId: string, as: 'party' | 'staff') => client.claim.ofTrade.query({ tradeId, as }),
    file: (claimId: string, sm3: string, as: 'party' | 'staff') => client.claim.file.query({ claimId, sm3, as }),
    open: ({ files, ...input }: V.ClaimOpenInput) => client.claim.open.mutate({ ...input, files: [...files] }),
    declareTakeover: (input: V.TakeoverInput) => client.claim.declareTakeover.mutate(input),
    takeover: () => client.claim.takeover.query(),
    answer: ({ files, ...input }: V.ClaimAnswerInput) => client.claim.answer.mutate({ ...input, files: [...files] }),
    appeal: (input: V.ClaimAppealInput) => client.claim.appeal.mutate(input),
    accept: (claimId: string) => client.claim.accept.mutate({ claimId }),
    withdraw: (claimId: string) => client.claim.withdraw.mutate({ claimId }),
    decide: (input: V.ClaimRulingInput) => client.claim.decide.mutate(input),
    review: (input: V.ClaimRulingInput & { readonly signedTx: V.Hex | null }) => client.claim.review.mutate(input),
  },
  objection: {
    open: (input: { actId: string; subjectId: string; text: string }) => client.objection.open.mutate(input),
  },
  studioJoin: {
    ground: () => client.studioJoin.ground.query(),
    apply: ({ licences, ...input }: V.StudioJoinInput) => client.studioJoin.submit.mutate({ ...input, licences: [...licences] }),
    get: (applicationId: string) => client.studioJoin.get.query({ applicationId }),
    openAccount: (applicationId: string, accountOpen: string) => client.studioJoin.openAccount.mutate({ applicationId, accountOpen }),
  },
  tax: {
    statement: (period: string) => client.tax.getStatement.query({ period }),
    sellerYear: () => client.tax.sellerYear.query(),
  },
  restriction: {
    list: () => client.restriction.list.query(),
    appeal: (freezeId: string, text: string) => client.restriction.appeal.mutate({ freezeId, text }),
    coolDowns: () => client.restriction.coolDowns.query(),
    objectToCoolDown: (coolDownId: string, text: string) => client.restriction.objectToCoolDown.mutate({ coolDownId, text }),
  },
  transparency: { get: () => client.transparency.get.query() },
  feed: { before: (room: string, beforeSeq: number) => client.feed.before.query({ room, beforeSeq }) },
  staff: {
    challenge: () => client.staff.challenge.mutate(),
    signIn: (input: { certificate: string; challenge: string; issuedAt: string; signature: V.Hex }) => client.staff.signIn.mutate(input),
    me: () => client.staff.me.query(),
    signOut: () => client.staff.signOut.mutate(),
  },
  rules: {
    document: (packHash: string) => client.rules.document.query({ packHash }),
    changes: () => client.rules.changes.query(),
    comment: (proposalId: string, text: string) => client.rules.comment.mutate({ proposalId, text }),
    get: (packHash: string | null) => client.rules.get.query(packHash === null ? {} : { packHash }),
    versions: () => client.rules.versions.query(),
    announced: () => client.rules.announced.query(),
  },
  explorer: {
    blocks: (input: { before?: number }) => client.explorer.blocks.query(input),
    block: (height: number) => client.explorer.block.query({ height }),
    entry: (index: number) => client.explorer.entry.query({ index }),
    tx: (txId: string) => client.explorer.tx.query({ txId }),
    state: (register: V.StatePage['register'], id: string) => client.explorer.state.query({ register, id }),
  },
  node: {
    get: () => client.node.get.query(),
    proposals: () => client.node.proposals.query(),
    draft: (change: ChangeInput) => client.node.draft.query({ change }),
    propose: (input: SignedAct & { change: ChangeInput }) => client.node.propose.mutate(input),
    vote: (input: SignedAct & { proposalId: string; vote: 'for' | 'against' }) => client.node.vote.mutate(input),
  },
  clock: {
    get: () => client.clock.get.query(),
    forward: (step: V.ClockStep, fromOffsetMs: number) => client.clock.forward.mutate({ step, fromOffsetMs }),
  },
} as const;

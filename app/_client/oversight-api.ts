/** The procedures of supervisors and of whoever a case is about: a part of `api`, which pages call. */
import type * as V from '#server/trpc/views.ts';
import { client } from './transport.ts';

export type DecisionsInput = Parameters<typeof client.supervisor.decisions.query>[0];

export const oversightApi = {
  alert: {
    list: (query: { state?: V.AlertLine['state']; detector?: V.DetectorName; minScore?: number; about?: string; before?: string }) =>
      client.alert.list.query(query),
    get: (alertId: string) => client.alert.get.query({ alertId }),
    act: (input: { alertId: string; act: 'triage' | 'dismiss' | 'open_case'; reason?: string }) => client.alert.act.mutate(input),
    liftCoolDowns: (alertId: string, reason: string) => client.alert.liftCoolDowns.mutate({ alertId, reason }),
    detectors: () => client.alert.detectors.query(),
    tryOut: (input: { detector: V.DetectorName; changes: Record<string, string>; from: string; to: string }) =>
      client.alert.tryOut.mutate(input),
  },
  case: {
    list: (query: { state?: V.CaseState; topic?: V.CaseTopic; about?: string; before?: string }) => client.case.list.query(query),
    get: (caseId: string) => client.case.get.query({ caseId }),
    open: (input: { topic: V.CaseTopic; title: string; ground: string }) => client.case.open.mutate(input),
    step: (caseId: string, step: V.CaseStepInput) => client.case.step.mutate({ caseId, step }),
    refer: (input: V.ReferInput) => client.case.refer.mutate(input),
    signer: () => client.case.signer.query(),
    target: (scope: V.FreezeScope, targetId: string) => client.case.target.query({ scope, targetId }),
    freeze: (input: V.FreezeInput) => client.case.freeze.mutate(input),
    approveFreeze: (freezeId: string, signed: V.SignedAct) => client.case.approveFreeze.mutate({ freezeId, ...signed }),
    halts: () => client.case.halts.query(),
    haltTarget: (scope: V.HaltScope, targetId: string) => client.case.haltTarget.query({ scope, targetId }),
    halt: (input: V.HaltInput) => client.case.halt.mutate(input),
    approveHalt: (haltId: string, signed: V.SignedAct) => client.case.approveHalt.mutate({ haltId, ...signed }),
    resume: (input: V.ResumeInput) => client.case.resume.mutate(input),
    judge: (input: V.JudgementInput) => client.case.judge.mutate(input),
    returnItem: (input: V.ReturnInput) => client.case.returnItem.mutate(input),
    lift: (input: V.LiftInput) => client.case.lift.mutate(input),
    answerAppeal: (input: V.AppealAnswerInput) => client.case.answerAppeal.mutate(input),
  },
  inquiry: {
    mine: (as: V.InquiryParty) => client.inquiry.mine.query({ as }),
    ofCase: (caseId: string) => client.inquiry.ofCase.query({ caseId }),
    extend: (input: V.InquiryExtensionInput) => client.inquiry.extend.mutate(input),
    studios: () => client.inquiry.studios.query(),
    ask: (input: V.InquiryInput) => client.inquiry.ask.mutate(input),
    reply: (input: V.InquiryReplyInput) => client.inquiry.reply.mutate({ ...input, files: [...input.files] }),
    file: (inquiryId: string, sm3: string, as: V.InquiryReader) => client.inquiry.file.query({ inquiryId, sm3, as }),
  },
  funds: {
    flow: (input: { kind: V.FundsKind; id: string; back: number; forth: number }) => client.funds.flow.query(input),
    reconciliation: () => client.funds.reconciliation.query(),
    compareDay: (day: string) => client.funds.compareDay.mutate({ day }),
  },
  supervisor: {
    tiles: (period?: string) => client.supervisor.tiles.query(period === undefined ? {} : { period }),
    tileRows: (input: { tile: V.TileName; period: string; cursor?: string }) => client.supervisor.tileRows.query(input),
    taxDay: (input: { day: string; seller?: string; game?: string; line?: string }) => client.supervisor.taxDay.query(input),
    returns: (period: string) => client.supervisor.returns.query({ period }),
    returnTrades: (period: string, payer: string | null) => client.supervisor.returnTrades.query({ period, payer }),
    decisions: (input: DecisionsInput) => client.supervisor.decisions.query(input),
    decisionsOfTrade: (tradeId: string) => client.supervisor.decisionsOfTrade.query({ tradeId }),
    getTrade: (tradeId: string) => client.supervisor.getTrade.query({ tradeId }),
    feedGames: (input: { classIds: string[]; tradeIds: string[] }) => client.supervisor.feedGames.query(input),
  },
};

/** The procedures of supervisors, studios, the desk and the notary, apart from `api`: most pages load none of them. */
import type * as V from '#server/trpc/views.ts';
import { client } from './transport.ts';

type StepSigned = { readonly actId: string; readonly signature: string };
export type ExperimentStepWish = Omit<Parameters<typeof client.experimentDesk.approve.mutate>[0], keyof StepSigned>;
export type ExperimentTemplateInput = {
  readonly templateId: string;
  readonly experimentId: string;
  readonly declarationNo: string;
  readonly gameIds: readonly string[];
  readonly classIds: readonly string[];
};
export type DecisionsInput = Parameters<typeof client.supervisor.decisions.query>[0];

function writableTerms({ mint_schedule: steps, ...terms }: Partial<V.StudioTerms>) {
  return { ...terms, ...(steps === undefined ? {} : { mint_schedule: steps.map((step) => ({ ...step })) }) };
}

function writableDraft({ baseHash, version, changes, document }: V.PackDraftInput) {
  return {
    baseHash,
    version,
    ...(changes === undefined ? {} : { changes: { ...changes } }),
    ...(document === undefined ? {} : { document }),
  };
}

export const staffApi = {
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
    withdraw: (coSignId: string) => client.case.withdraw.mutate({ coSignId }),
    target: (scope: V.FreezeScope, targetId: string) => client.case.target.query({ scope, targetId }),
    freeze: (input: V.FreezeInput) => client.case.freeze.mutate(input),
    approveFreeze: (freezeId: string, signed: V.SignedAct) => client.case.approveFreeze.mutate({ freezeId, ...signed }),
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
    largeValues: (day: string) => client.funds.largeValues.query({ day }),
    compareDay: (day: string) => client.funds.compareDay.mutate({ day }),
    compareFile: (input: { fileName: string; zipped: string; more: { fileName: string; zipped: string }[] }) =>
      client.funds.compareFile.mutate(input),
    bankStatements: () => client.funds.bankStatements.query(),
    bankDifferences: (number: string) => client.funds.bankDifferences.query({ number }),
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
  experimentDesk: {
    list: () => client.experimentDesk.list.query(),
    templates: () => client.experimentDesk.templates.query(),
    template: ({ gameIds, classIds, ...rest }: ExperimentTemplateInput) =>
      client.experimentDesk.template.query({ ...rest, gameIds: [...gameIds], classIds: [...classIds] }),
    draft: (input: { document: string; declaration: string }) => client.experimentDesk.draft.mutate(input),
    get: (experimentId: string) => client.experimentDesk.get.query({ experimentId }),
    approve: (input: ExperimentStepWish & StepSigned) => client.experimentDesk.approve.mutate(input),
    interim: (input: Parameters<typeof client.experimentDesk.interim.query>[0]) => client.experimentDesk.interim.query(input),
    compensate: (input: Parameters<typeof client.experimentDesk.compensate.mutate>[0]) => client.experimentDesk.compensate.mutate(input),
    move: (input: ExperimentStepWish & StepSigned & { readonly reason: string }) => client.experimentDesk.move.mutate(input),
  },
  studio: {
    overview: () => client.studio.overview.query(),
    returns: (period: string) => client.studio.returns.query({ period }),
    sunset: () => client.studio.sunset.query(),
    announceSunset: (gameId: string, sunset: V.SunsetInput) => client.studio.announceSunset.mutate({ gameId, sunset }),
    kinds: (text: string, after: string) => client.studio.kinds.query({ text, after }),
    kind: (classId: string) => client.studio.kind.query({ classId }),
    changeKind: (classId: string, { terms, ...change }: V.KindChange) =>
      client.studio.changeKind.mutate({ classId, change: { ...change, ...(terms === undefined ? {} : { terms: writableTerms(terms) }) } }),
    job: (jobId: string) => client.studio.job.query({ jobId }),
    pauseJob: (jobId: string) => client.studio.pauseJob.mutate({ jobId }),
    resumeJob: (jobId: string) => client.studio.resumeJob.mutate({ jobId }),
    cancelJob: (jobId: string) => client.studio.cancelJob.mutate({ jobId }),
  },
  replay: {
    start: (input: V.ReplayStartInput) =>
      client.replay.start.mutate({
        ...input,
        draft: 'baseHash' in input.draft ? writableDraft(input.draft) : { packHash: input.draft.packHash },
      }),
    choices: () => client.replay.choices.query(),
    list: () => client.replay.list.query(),
    get: (replayId: string) => client.replay.get.query({ replayId }),
    file: (replayId: string) => client.replay.file.query({ replayId }),
    confirm: (replayId: string) => client.replay.confirm.mutate({ replayId }),
  },
  packs: {
    list: () => client.packs.list.query(),
    get: (packHash: string) => client.packs.get.query({ packHash }),
    compare: (before: string, after: string) => client.packs.compare.query({ before, after }),
    check: (input: V.PackDraftInput) => client.packs.check.query(writableDraft(input)),
    propose: (input: V.PackProposalInput) =>
      client.packs.propose.mutate({
        ...writableDraft(input),
        reason: input.reason,
        mode: input.mode,
        effectiveFrom: input.effectiveFrom,
        authorization: input.authorization === null ? null : { ...input.authorization, scope: [...input.authorization.scope] },
      }),
    proposals: () => client.packs.proposals.query(),
    publish: (proposalId: string) => client.packs.publish.mutate({ proposalId }),
    withdraw: (proposalId: string) => client.packs.withdraw.mutate({ proposalId }),
    approve: (input: StepSigned & { readonly proposalId: string }) => client.packs.approve.mutate(input),
    activate: (proposalId: string) => client.packs.activate.mutate({ proposalId }),
  },
  look: {
    item: (itemId: string) => client.look.item.query({ itemId }),
    person: (ref: string) => client.look.person.query({ ref }),
    openings: (about: { caseId: string } | { subject: string }) => client.look.openings.query(about),
    askOpening: ({ scope, ...rest }: V.OpeningInput) => client.look.askOpening.mutate({ ...rest, scope: [...scope] }),
    approveOpening: (openingId: string, signed: V.SignedAct) => client.look.approveOpening.mutate({ openingId, ...signed }),
    readIdentity: (openingId: string) => client.look.readIdentity.mutate({ openingId }),
    extendSealing: (input: { actId: string; openingId: string; until: string; reason: string; signature: V.Hex }) =>
      client.look.extendSealing.mutate(input),
    ofMe: () => client.look.ofMe.query(),
  },
  report: {
    list: () => client.report.list.query(),
    get: (reportId: string) => client.report.get.query({ reportId }),
    order: (kind: string, period: string) => client.report.order.mutate({ kind, period }),
    file: (reportId: string, name: string) => client.report.file.query({ reportId, name }),
  },
  desk: {
    get: () => client.desk.get.query(),
    act: (input: V.DeskActInput) => client.desk.act.mutate(input),
    report: (input: { kind: 'item' | 'person'; subjectId: string; text: string }) => client.desk.report.mutate(input),
    swearTheft: (input: V.TheftInput) => client.desk.swearTheft.mutate(input),
  },
  notary: {
    list: () => client.notary.list.query(),
    file: (exportId: string) => client.notary.file.query({ exportId }),
    signer: () => client.notary.signer.query(),
    sign: (input: Parameters<typeof client.notary.sign.mutate>[0]) => client.notary.sign.mutate(input),
    decline: (input: Parameters<typeof client.notary.decline.mutate>[0]) => client.notary.decline.mutate(input),
  },
};

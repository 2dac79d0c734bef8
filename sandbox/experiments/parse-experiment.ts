/** Reads an experiment object (rulebook 6.4) of unknown origin: closed grammar, every field named, each fault with its place. */
import { ParseError } from '#ledger/primitives/errors.ts';
import { date, entriesOf, flag, list, nullable, object, oneOf, pattern, type Read, record, refuse, text, whole } from '../packs/read.ts';
import { EXPERIMENT_STATES, type Experiment } from './experiment.ts';

const LONG_TEXT_MAX = 2000;
const longText: Read<string> = (value, path) => {
  if (typeof value === 'string' && value.trim().length > 0 && value.length <= LONG_TEXT_MAX) return value;
  throw refuse(path, `a text of 1 to ${LONG_TEXT_MAX} characters`);
};
const texts = object({ zh: text, en: text }, {});
const name = pattern(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'a name of letters, digits and dashes');
const share = pattern(/^\d{1,6}\/\d{1,6}$/, 'a share like 20/100');
/** A whole number of at least 0, or of at least 1. */
const count: Read<number> = (value, path) => {
  const number = whole(value, path);
  if (number >= 0) return number;
  throw refuse(path, 'a whole number of at least 0');
};
const positive: Read<number> = (value, path) => {
  const number = whole(value, path);
  if (number > 0) return number;
  throw refuse(path, 'a whole number of at least 1');
};
const overrideValue: Read<boolean | number> = (value, path) => (typeof value === 'boolean' ? value : whole(value, path));

const readCaps = object(
  {
    participants: positive,
    perTradeFen: positive,
    perPersonDayFen: positive,
    perPersonMonthFen: positive,
    experimentOpenExposureFen: positive,
    experimentTotalTurnoverFen: positive,
    lossCompensationFundFen: positive,
  },
  {},
);
const CAP_NAMES = [
  'participants',
  'perTradeFen',
  'perPersonDayFen',
  'perPersonMonthFen',
  'experimentOpenExposureFen',
  'experimentTotalTurnoverFen',
  'lossCompensationFundFen',
] as const;

const readDocument = object(
  {
    id: pattern(/^SBX-\d{4}-\d{4}$/, 'an id like SBX-2026-0002'),
    title: texts,
    declarationNo: pattern(/^[0-9A-Z]{4,18}-\d{4}-\d{4}$/, 'USCC, year and number'),
    hypothesis: longText,
    status: oneOf(EXPERIMENT_STATES),
    authorization: nullable(
      object(
        {
          kind: oneOf(['GRANTED', 'SIMULATED']),
          issuer: text,
          number: text,
          scope: list(text),
          from: date,
          to: date,
          label: texts,
        },
        {},
      ),
    ),
    mode: oneOf(['LIVE_STRICTER', 'LIVE_WIDER', 'SHADOW']),
    assignment: object(
      {
        unit: oneOf(['PERSON']),
        method: oneOf(['HASH_SM3']),
        salt: name,
        arms: list(object({ id: name, share }, {})),
        pinned: record(name),
      },
      {},
    ),
    eligibility: object(
      {
        minAge: count,
        kycLevel: name,
        jurisdictions: list(text),
        games: list(text),
        itemClasses: list(text),
        excludeOpenAmlCase: flag,
        consent: oneOf(['OPT_IN']),
      },
      {},
    ),
    caps: readCaps,
    period: object({ publicNoticeDays: positive, start: date, end: date, maxExtensions: count, maxExtensionDays: count }, {}),
    ruleOverrides: list(object({ arm: name, path: text, value: overrideValue }, {})),
    safeguards: object(
      {
        disclosureVersion: name,
        riskAcknowledgement: flag,
        coolingOffHours: count,
        refundGuarantee: name,
        complaintSlaWorkingDays: positive,
        compensationClaimDays: positive,
      },
      {},
    ),
    kpis: list(object({ id: name, formula: text }, { target: text, guardrail: text })),
    reporting: object(
      {
        live: flag,
        daily: flag,
        monthly: flag,
        interimEveryDays: positive,
        finalWithinDaysAfterEnd: positive,
        recipients: list(oneOf(['SUP_TAX', 'SUP_MARKET', 'SUP_FIN'])),
      },
      {},
    ),
    stopTriggers: list(object({ when: text, action: oneOf(['PAUSE_NEW', 'HALT_ALL']) }, {})),
    exit: object({ success: name, fail: name, openOrders: name, dataDays: positive, publishReport: flag }, {}),
  },
  { onCap: oneOf(['REJECT']) },
);

/** @throws {ParseError} `experiment_malformed` or `experiment_caps_missing`, with the place */
export function parseExperiment(document: unknown): Experiment {
  return withCode('experiment_malformed', () => {
    refuseMissingCaps(document);
    return readDocument(document, '');
  });
}

/** Without every cap nothing may run: said before the grammar says it. */
function refuseMissingCaps(document: unknown): void {
  const caps = entriesOf(document, '').get('caps');
  const given = typeof caps === 'object' && caps !== null ? Object.keys(caps) : [];
  const missing = CAP_NAMES.find((cap) => !given.includes(cap));
  if (missing !== undefined) throw new ParseError('experiment_caps_missing', { path: `caps.${missing}` });
}

/** The readers are those of packs; here their faults carry the name of what was read. */
export function withCode<T>(code: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ParseError && error.code === 'pack_malformed') throw new ParseError(code, error.facts);
    throw error;
  }
}

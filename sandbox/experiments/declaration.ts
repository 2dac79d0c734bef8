/** The declaration record of an experiment (rulebook 6.3), with both assessments; without them nothing is declared. */
import { date, list, nullable, object, oneOf, pattern, type Read, refuse, text, whole } from '../packs/read.ts';
import { withCode } from './parse-experiment.ts';

const TEXT_MAX = 4000;
const longText: Read<string> = (value, path) => {
  if (typeof value === 'string' && value.trim().length > 0 && value.length <= TEXT_MAX) return value;
  throw refuse(path, `a text of 1 to ${TEXT_MAX} characters`);
};
const count: Read<number> = (value, path) => {
  const number = whole(value, path);
  if (number >= 0) return number;
  throw refuse(path, 'a whole number of at least 0');
};
const fenText = pattern(/^\d{1,15}$/, 'an amount in fen');
const readAssessment = object(
  { by: text, date, conclusion: oneOf(['PASSED', 'NOT_PASSED']), fileHash: pattern(/^[0-9a-f]{64}$/, 'SM3 of the file, 64 hex digits') },
  {},
);
const readDeclaration = object(
  {
    applicationNo: pattern(/^[0-9A-Z]{4,18}-\d{4}-\d{4}$/, 'USCC, year and number'),
    applicationName: text,
    applicationType: oneOf(['FINANCIAL_SERVICE', 'TECHNOLOGY_PRODUCT']),
    institutions: list(
      object(
        { uscc: pattern(/^[0-9A-Z]{4,18}$/, 'a USCC'), name: text, licences: list(object({ name: text, number: text, issuer: text }, {})) },
        { lei: pattern(/^[0-9A-Z]{20}$/, 'an LEI') },
      ),
    ),
    plannedStart: date,
    technologyUse: list(text),
    functionService: longText,
    innovationNote: longText,
    expectedEffect: longText,
    expectedScale: object({ users: count, transactionsPerMonth: count, amountPerMonthFen: fenText }, {}),
    serviceChannels: list(text),
    serviceHours: text,
    userScope: longText,
    serviceAgreementRef: text,
    legalityAssessment: nullable(readAssessment),
    securityAssessment: nullable(readAssessment),
    riskControls: list(text),
    riskCompensation: object({ fund: text, currency: oneOf(['CNY']), amountFen: fenText, trigger: longText, claimDays: count }, {}),
    exitMechanism: longText,
    emergencyPlan: longText,
    complaintChannels: object({ institution: text, selfRegulatory: text }, {}),
    responsibilityLetter: text,
  },
  {},
);

export type Declaration = ReturnType<typeof readDeclaration>;
export type Assessment = NonNullable<Declaration['legalityAssessment']>;

/** @throws {ParseError} `declaration_malformed`, with the place */
export function parseDeclaration(document: unknown): Declaration {
  return withCode('declaration_malformed', () => readDeclaration(document, ''));
}

/** Which assessment is not there or has not passed; `null`: both have. */
export function missingAssessment({ legalityAssessment, securityAssessment }: Declaration): 'legality' | 'security' | null {
  if (legalityAssessment?.conclusion !== 'PASSED') return 'legality';
  return securityAssessment?.conclusion === 'PASSED' ? null : 'security';
}

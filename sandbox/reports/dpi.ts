/**
 * OECD DPI XML 1.0, the yearly report of platform operators (Model Rules; DAC7; rulebook 10.1). Amounts leave as whole currency units,
 * each quarter rounded half up once, here and nowhere before.
 */
import type { Fen } from '#ledger/primitives/fen.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { rhu } from '../parameters/decimal.ts';
import { el, optional, writeXml, type XmlNode } from './xml.ts';

export const DPI_ACTIVITIES = ['PersonalServices', 'SaleOfGoods', 'TransportationRental'] as const;
export type DpiActivity = (typeof DPI_ACTIVITIES)[number];
export type Quarters<T> = readonly [T, T, T, T];

export type DpiSeller = {
  readonly docRefId: string;
  /** Set by a correction: the document that it takes the place of. */
  readonly corrects: string | null;
  readonly firstName: string;
  readonly lastName: string;
  readonly country: string;
  readonly tin: string | null;
  readonly birthDate: string;
  readonly address: string;
  readonly account: string | null;
  readonly activities: readonly {
    readonly activity: DpiActivity;
    readonly considerationFen: Quarters<Fen>;
    readonly count: Quarters<number>;
    readonly feesFen: Quarters<Fen>;
    readonly taxesFen: Quarters<Fen>;
  }[];
};

export type DpiReport = {
  readonly kind: 'new' | 'corrections' | 'nothing';
  readonly messageRefId: string;
  readonly year: string;
  readonly createdAt: Instant;
  readonly currency: string;
  readonly transmittingCountry: string;
  readonly receivingCountry: string;
  readonly operator: {
    readonly docRefId: string;
    readonly name: string;
    readonly platform: string;
    readonly country: string;
    readonly tin: string;
    readonly address: string;
    /** Of the schema: 1 resident, 5 neither resident nor incorporated, managed or established there. */
    readonly nexus: 'RPONEX1' | 'RPONEX5';
  };
  readonly sellers: readonly DpiSeller[];
};

const MESSAGE_TYPE = { new: 'DPI401', corrections: 'DPI402', nothing: 'DPI403' } as const satisfies Record<DpiReport['kind'], string>;
const UNITS_FEN = 100n;
const DOC_NEW = 'OECD1';
const DOC_CORRECTED = 'OECD2';
/** An operator that was reported before and has not changed. */
const DOC_RESENT = 'OECD0';

const dpi = (name: string, content: XmlNode['content'], attributes?: Readonly<Record<string, string>>) =>
  el(`dpi:${name}`, content, attributes);
const maybe = (name: string, text: string | null, attributes?: Readonly<Record<string, string>>) =>
  optional(`dpi:${name}`, text, attributes);
const stf = (name: string, text: string) => el(`stf:${name}`, text);

function docSpec(indicator: string, docRefId: string, corrects: string | null): XmlNode {
  return dpi('DocSpec', [
    stf('DocTypeIndic', indicator),
    stf('DocRefId', docRefId),
    corrects === null ? null : stf('CorrDocRefId', corrects),
  ]);
}

function tin(value: string | null, country: string): XmlNode {
  return value === null ? dpi('TIN', 'NOTIN', { unknown: 'true' }) : dpi('TIN', value, { issuedBy: country });
}

function address(country: string, text: string): XmlNode {
  return dpi('Address', [dpi('CountryCode', country), dpi('AddressFree', text)]);
}

function money(group: string, prefix: string, amounts: Quarters<Fen>, currency: string): XmlNode {
  return dpi(
    group,
    amounts.map((value, index) => dpi(`${prefix}Q${index + 1}`, String(rhu(value, UNITS_FEN)), { currCode: currency })),
  );
}

/** The schema's order of activities, whatever order the facts came in. */
function activitiesOf(seller: DpiSeller, currency: string): XmlNode {
  const found = DPI_ACTIVITIES.flatMap((name) => seller.activities.filter(({ activity }) => activity === name));
  return dpi(
    'RelevantActivities',
    found.map(({ activity, considerationFen, count, feesFen, taxesFen }) =>
      dpi(activity, [
        money('Consideration', 'Cons', considerationFen, currency),
        dpi(
          'NumberOfActivities',
          count.map((number, index) => dpi(`NumbQ${index + 1}`, String(number))),
        ),
        money('Fees', 'Fees', feesFen, currency),
        money('Taxes', 'Tax', taxesFen, currency),
      ]),
    ),
  );
}

function sellerOf(seller: DpiSeller, currency: string): XmlNode {
  const { country } = seller;
  return dpi('ReportableSeller', [
    dpi('Identity', [
      dpi('IndividualSeller', [
        dpi('Standard', [
          dpi('IndSellerID', [
            dpi('ResCountryCode', country),
            tin(seller.tin, country),
            dpi('Name', [dpi('FirstName', seller.firstName), dpi('LastName', seller.lastName)]),
            address(country, seller.address),
            dpi('BirthInfo', [dpi('BirthDate', seller.birthDate)]),
          ]),
          seller.account === null ? null : dpi('FinancialIdentifier', [dpi('Identifier', seller.account)]),
        ]),
      ]),
    ]),
    activitiesOf(seller, currency),
    docSpec(seller.corrects === null ? DOC_NEW : DOC_CORRECTED, seller.docRefId, seller.corrects),
  ]);
}

function bodyOf({ kind, operator, sellers, currency }: DpiReport): XmlNode {
  return dpi('DPIBody', [
    dpi('PlatformOperator', [
      dpi('ResCountryCode', operator.country),
      tin(operator.tin, operator.country),
      dpi('Name', operator.name),
      dpi('PlatformBusinessName', operator.platform),
      address(operator.country, operator.address),
      dpi('Nexus', operator.nexus),
      docSpec(kind === 'corrections' ? DOC_RESENT : DOC_NEW, operator.docRefId, null),
    ]),
    ...sellers.toSorted((a, b) => (a.docRefId < b.docRefId ? -1 : 1)).map((seller) => sellerOf(seller, currency)),
  ]);
}

export function writeDpi(report: DpiReport): string {
  return writeXml(
    el(
      'dpi:DPI_OECD',
      [
        dpi('MessageSpec', [
          dpi('SendingEntityIN', report.operator.tin),
          dpi('TransmittingCountry', report.transmittingCountry),
          dpi('ReceivingCountry', report.receivingCountry),
          dpi('MessageType', 'DPI'),
          maybe('Warning', report.kind === 'nothing' ? 'Nothing to report' : null),
          dpi('MessageRefId', report.messageRefId),
          dpi('MessageTypeIndic', MESSAGE_TYPE[report.kind]),
          dpi('ReportingPeriod', `${report.year}-12-31`),
          dpi('Timestamp', toIso(report.createdAt)),
        ]),
        report.kind === 'nothing' ? null : bodyOf(report),
      ],
      { 'xmlns:dpi': 'urn:oecd:ties:dpi:v1', 'xmlns:stf': 'urn:oecd:ties:dpistf:v1', version: '1.0' },
    ),
  );
}

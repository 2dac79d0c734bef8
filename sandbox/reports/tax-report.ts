/**
 * Taxes of each trade as ISO 20022 auth.034.001.01 InvoiceTaxReport (rulebook 8.2): VAT and its surtaxes as one report of the sale, income
 * tax as its own, because it is no part of the sale's VAT total. No public copy of this schema was at hand: element names and order are
 * those of the rulebook, and the tests hold the file to its worked example.
 */
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { amount, dateTime, isoId } from './iso-20022.ts';
import { el, writeXml, type XmlNode } from './xml.ts';

export type ReportedLine = {
  readonly id: string;
  readonly kind: 'VAT' | 'SURTAX' | 'IIT' | 'CIT' | 'STAMP';
  readonly typeCode: 'VAT' | 'UMCT' | 'EDUS' | 'LEDU' | 'IITX' | 'STMP';
  readonly baseFen: Fen;
  /** In percent, as text: `1`, `3.5`. */
  readonly percent: string;
  readonly amountFen: Fen;
};
export type ReportedSale = {
  readonly id: string;
  readonly paidAt: Instant;
  readonly sellerRef: string;
  readonly grossFen: Fen;
  readonly isTaxable: boolean;
  readonly purpose: 'ORIG' | 'CORR' | 'RVSL';
  readonly originalId: string | null;
  readonly lines: readonly ReportedLine[];
};
export type TaxReport = {
  readonly id: string;
  readonly createdAt: Instant;
  readonly authority: string;
  readonly currency: string;
  readonly sales: readonly ReportedSale[];
};

/** Exempt because the window's sales stay below the threshold (rulebook 8.2). */
const BELOW_THRESHOLD = 'THR1';

const isIncomeTax = ({ kind }: ReportedLine) => kind === 'IIT' || kind === 'CIT';

function reportOf(sale: ReportedSale, lines: readonly ReportedLine[], category: string, currency: string): XmlNode {
  const totalFen = fen(lines.reduce((sum, line) => sum + line.amountFen, 0n));
  const isExempt = category === 'ITEM' && !sale.isTaxable;
  return el('TaxRpt', [
    el('TaxRptHdr', [
      el('Id', isoId(sale.id)),
      el('IssdDt', beijingDate(sale.paidAt)),
      el('RptCtgy', category),
      el('TaxRptPurp', sale.purpose),
      sale.originalId === null ? null : el('OrgnlId', isoId(sale.originalId)),
    ]),
    el('Sellr', [el('PtyId', [el('Id', [el('PrvtId', [el('Othr', [el('Id', isoId(sale.sellerRef))])])])])]),
    el('TradSttlm', [
      amount('DuePyblAmt', sale.grossFen, currency),
      amount('TaxTtlAmt', totalFen, currency),
      isExempt ? el('XmptnRsnCd', BELOW_THRESHOLD) : null,
      ...lines.map((line) =>
        el('SubTtlClctdTax', [
          el('TpCd', line.typeCode),
          el('ClctdRate', line.percent),
          amount('BsisAmt', line.baseFen, currency),
          amount('ClctdAmt', line.amountFen, currency),
        ]),
      ),
    ]),
  ]);
}

/** By time of payment, then id. */
export function writeTaxReport({ id, createdAt, authority, currency, sales }: TaxReport): string {
  const reports = sales
    .toSorted((a, b) => a.paidAt - b.paidAt || (a.id < b.id ? -1 : 1))
    .flatMap((sale) => {
      const income = sale.lines.filter(isIncomeTax);
      const others = sale.lines.filter((line) => !isIncomeTax(line));
      return [reportOf(sale, others, 'ITEM', currency), ...(income.length === 0 ? [] : [reportOf(sale, income, 'IITX', currency)])];
    });
  return writeXml(
    el(
      'Document',
      [
        el('InvcTaxRpt', [
          el('InvcTaxRptHdr', [
            el('MsgId', [el('Id', isoId(id)), dateTime('CreDtTm', createdAt)]),
            el('NbOfTaxRpts', String(reports.length)),
            el('TaxAuthrty', [el('Nm', authority)]),
          ]),
          ...reports,
        ]),
      ],
      { xmlns: 'urn:iso:std:iso:20022:tech:xsd:auth.034.001.01' },
    ),
  );
}

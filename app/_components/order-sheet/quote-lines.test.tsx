/** The P2P examples of rulebook 2.7 as a seller reads them before the signature (product P-18): from the published vectors to the page. */
import { readFileSync } from 'node:fs';
import { renderToStaticMarkup } from 'react-dom/server';
import { IntlProvider } from 'use-intl';
import { describe, expect, test, vi } from 'vitest';
import { formatFen } from '#app/_client/format.ts';
import { MESSAGES } from '#app/_client/messages/catalogue.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { quoteTerms } from '#sandbox/decisions/quote-terms.ts';
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { withConstants } from '#sandbox/packs/pack.ts';
import type { Quote, QuoteDocument } from '#server/trpc/views.ts';
import { QuoteLines } from './quote-lines.tsx';

vi.mock('../providers.tsx', () => ({ usePreferences: () => ({ locale: 'en' }) }));

type Example = {
  readonly id: string;
  readonly gross: number;
  readonly cost: number | null;
  readonly otherSameDayGross: number;
  readonly feeBp: number;
  readonly royaltyBp: number;
  readonly place?: 'COUNTY';
  readonly pack?: Readonly<Record<string, boolean>>;
  readonly expect: Readonly<Record<'vat' | 'umct' | 'es' | 'les' | 'fee' | 'royalty' | 'iit' | 'sellerAfterAll', number>>;
};
const NAMED = ['01', '03', '04a-reassessed', '05', '07', '09', '10', '12'].map((no) => `CN-P2P-${no}`);
const vectors: { readonly cases: readonly Example[] } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/tax-cn.json', import.meta.url), 'utf8'),
);
const examples = vectors.cases.filter(({ id }) => NAMED.includes(id));

function documentOf({ gross, cost, otherSameDayGross, feeBp, royaltyBp, place, pack = {} }: Example): Partial<QuoteDocument> {
  const switches = Object.fromEntries(Object.entries(pack).map(([name, value]) => [name, String(value)]));
  const basis = {
    mode: cost === null ? 'ZERO_COST' : 'COST',
    costFen: fen(BigInt(cost ?? 0)),
    source: 'PLATFORM_RECORD',
    flags: [],
  } as const;
  const answer = quoteTerms(
    {
      at: parseInstant('2026-11-22T02:00:00.000Z'),
      txType: 'P2P',
      side: 'sell',
      unitPriceFen: fen(BigInt(gross)),
      quantity: 1,
      feeBps: feeBp,
      royaltyBps: royaltyBp,
      publicityHours: 0,
      protectionHours: 168,
      itemClass: { isCollectible: false, resaleWaitTradingDays: 0 },
      seller: {
        basis,
        place: place ?? 'CITY',
        vatStatus: 'SMALL_SCALE',
        windowTotalFen: fen(BigInt(otherSameDayGross)),
        windowTradeIds: [],
      },
    },
    Object.keys(switches).length === 0 ? CN : withConstants(CN, switches),
  );
  if (answer.kind === 'rejected') throw new Error(answer.code);
  const { feeFen, royaltyFen, grossFen, youReceiveFen, youPayFen, estimatedTaxFen, leftAfterAllFen, costBasisFen } = answer.terms;
  const fens = { feeFen, royaltyFen, grossFen, youReceiveFen, youPayFen, estimatedTaxFen, leftAfterAllFen, costBasisFen };
  const texts = Object.fromEntries(Object.entries(fens).map(([name, value]) => [name, value === null ? null : String(value)]));
  const shares = {
    side: 'sell',
    quantity: 1,
    feeBps: feeBp,
    royaltyBps: royaltyBp,
    costSource: null,
    dayLine: null,
    experimentId: null,
  } as const;
  return { ...shares, ...texts, payoutAt: null, transferableFrom: null, orderNotAfter: '2026-12-22T02:00:00.000Z', intent: 'listing' };
}

function textOf(document: Partial<QuoteDocument>): string {
  const quote = { document, sig: '', assessment: null } as unknown as Quote;
  const page = (
    <IntlProvider locale="en" timeZone="Asia/Shanghai" messages={MESSAGES.en}>
      <QuoteLines quote={quote} changed={new Set()} />
    </IntlProvider>
  );
  return renderToStaticMarkup(page)
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

describe('a seller reads', () => {
  test('all examples of the rulebook', () => expect(examples.map(({ id }) => id)).toEqual(NAMED));

  test.each(examples)('$id to the fen: fee, royalty, what comes, the taxes, what is left', (example) => {
    const { gross, expect: is } = example;
    const taxes = is.vat + is.umct + is.es + is.les + is.iit;
    const text = textOf(documentOf(example));
    expect(text).toMatch(new RegExp(`^ ?You receive ${formatFen(String(gross - is.fee - is.royalty))} 元`));
    const minus = (amount: number) => formatFen(String(-amount));
    for (const line of [
      minus(is.fee),
      minus(is.royalty),
      `Estimated tax ${minus(taxes)}`,
      `Left after all ${formatFen(String(is.sellerAfterAll))}`,
    ])
      expect(text).toContain(line);
  });
});

/** Labelled sets for detectors: facts that nobody here made, with patterns planted by seed, because the sales hold next to no positives
 *  and the transfers hold one kind of them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Fact, PaymentFact, TradeFact } from '#sandbox/surveillance/facts.ts';

const VECTORS = path.resolve(import.meta.dirname, '../../vectors');
/** One ether at 1,400.00 yuan: about its price in these years; it only puts the amounts into the range of the rules. */
const FEN_PER_ETHER = 140_000n;
const STEP_MS = 86_400_000;
const START = Date.parse('2026-01-01T00:00:00Z');

/** What was planted, by the id of the fact. */
export type Labels = ReadonlyMap<string, string>;
export type Labelled<T extends Fact = Fact> = {
  readonly facts: readonly T[];
  readonly labels: Labels;
  readonly ignored?: ReadonlySet<string>;
};

function readLines(file: string): readonly (readonly string[])[] {
  const text = gunzipSync(readFileSync(path.join(VECTORS, file))).toString('utf8');
  return text
    .split(/\r?\n/)
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split(',').map((cell) => cell.trim()));
}

/** 3,253 real sales; a buyer of zeros was lost by the contract. */
export function readPunks(): readonly TradeFact[] {
  return readLines('trades-cryptopunks/sales-2017-2019.csv.gz').map(([time = '', item = '', , wei = '0', from = '', to = ''], i) => {
    const price = (BigInt(wei) * FEN_PER_ETHER) / 10n ** 18n;
    return {
      kind: 'trade',
      id: `s${i}`,
      at: Date.parse(time.replace(' UTC', 'Z').replace(' ', 'T')),
      itemIds: [item],
      classId: 'punk',
      seller: from,
      buyer: /^0x0+$/.test(to) ? null : to,
      priceFen: price > 0n ? price : 1n,
      quantity: 1,
    };
  });
}

/** 118,250 simulated transfers of 20,000 accounts, a step a day. */
export function readTransfers(): readonly PaymentFact[] {
  return readLines('aml-amlsim/20K_fanin200.transactions.csv.gz').map(([from = '', to = '', value = '', step = '0'], i) => ({
    kind: 'payment',
    id: `p${i}`,
    at: START + Number(step) * STEP_MS,
    from,
    to,
    amountFen: BigInt(Math.round(Number(value) * 100)),
  }));
}

/** The accounts that the simulation itself planted. */
export function readFraudAccounts(): ReadonlySet<string> {
  const rows = readLines('aml-amlsim/20K_fanin200.nodes.csv.gz');
  return new Set(rows.flatMap(([id = '', isFraud]) => (isFraud === '1' ? [id] : [])));
}

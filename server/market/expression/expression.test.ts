import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttributeValue } from '#server/trpc/views.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { BUILT_IN, type Expression, expressionSchema, type Literal } from './expression.ts';
import { expressionSql } from './expression-sql.ts';
import { type ExpressionRecord, matchesExpression } from './match-expression.ts';
import { parseExpression } from './parse-expression.ts';
import { writeExpression } from './write-expression.ts';

const schema = expressionSchema([
  { key: 'polish', type: 'decimal' },
  { key: 'drain', type: 'integer' },
  { key: 'vaulted', type: 'boolean' },
  { key: 'released', type: 'date' },
  { key: 'polarity', type: 'enum' },
]);

function parsed(source: string): Expression {
  const result = parseExpression(source, schema);
  if (result.kind === 'rejected') throw new Error(`${result.code} at ${result.at}`);
  return result.expression;
}

describe('the text of an expression', () => {
  test.each([
    ['rarity in ("rare","legendary") and polish<0.070', 'rarity in ("rare", "legendary") and polish < 0.07'],
    ['(drain >= 007) AND ((vaulted = TRUE))', 'drain >= 7 and vaulted = true'],
    ['not (rarity = "a" or rarity = "b") or drain = -0', 'not (rarity = "a" or rarity = "b") or drain = 0'],
    ['(polish > 1 or polish < 0) and drain != 3', '(polish > 1 or polish < 0) and drain != 3'],
    ['rarity in ("a", "a")', 'rarity in ("a")'],
    ['type = "say \\"hi\\" \\\\"', 'type = "say \\"hi\\" \\\\"'],
    ['released >= "2024-02-29"', 'released >= "2024-02-29"'],
    ['type = "手枪"', 'type = "手枪"'],
  ])('%s', (source, canonical) => expect(writeExpression(parsed(source))).toBe(canonical));

  test.each([
    ['', 'expression_malformed', 0],
    ['rarity', 'expression_malformed', 6],
    ['rarity = ', 'expression_malformed', 8],
    ['rarity = "open', 'expression_malformed', 9],
    ['rarity = "a" drain = 1', 'expression_malformed', 13],
    ['(drain = 1', 'expression_malformed', 10],
    ['rarity in ()', 'expression_malformed', 11],
    ['and = 1', 'expression_malformed', 0],
    ['drain = 1; drop table x', 'expression_malformed', 9],
    ['drain = 1234567890123456', 'expression_malformed', 8],
    ['colour = "red"', 'expression_unknown_attribute', 0],
    ['drain = 1 and colour = "red"', 'expression_unknown_attribute', 14],
    ['constructor = "x"', 'expression_unknown_attribute', 0],
    ['drain = "1"', 'expression_type', 8],
    ['rarity < "rare"', 'expression_type', 7],
    ['vaulted > true', 'expression_type', 8],
    ['rarity = 1', 'expression_type', 9],
    ['released > "2023-02-29"', 'expression_type', 11],
  ])('%s is refused at its place', (source, code, at) => expect(parseExpression(source, schema)).toEqual({ kind: 'rejected', code, at }));

  test('16 comparisons and 512 characters are the most', () => {
    const chain = (count: number) => Array.from({ length: count }, () => 'drain = 1').join(' or ');
    expect(parseExpression(chain(16), schema).kind).toBe('parsed');
    expect(parseExpression(chain(17), schema)).toMatchObject({ code: 'expression_malformed', at: 16 * 13 });
    expect(parseExpression('drain = 1'.padEnd(512), schema).kind).toBe('parsed');
    expect(parseExpression('drain = 1'.padEnd(513), schema)).toMatchObject({ code: 'expression_malformed' });
    expect(parseExpression(`${'('.repeat(251)}drain = 1${')'.repeat(251)}`, schema).kind).toBe('parsed');
  });

  test('whatever is typed has an answer, and its place is in the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 80 }), wordSoup), (source) => {
        const result = parseExpression(source, schema);
        if (result.kind === 'rejected') expect(result.at <= source.length && result.at >= 0).toBe(true);
        else expect(parsed(writeExpression(result.expression))).toEqual(result.expression);
      }),
    );
  });

  test('the canonical text reads as the same expression and is its own canonical text', () => {
    fc.assert(
      fc.property(expressions, (expression) => {
        const text = writeExpression(expression);
        fc.pre(text.length <= 512);
        const read = parsed(text);
        expect(writeExpression(read)).toBe(text);
      }),
    );
  });
});

const wordSoup = fc
  .array(fc.constantFrom('drain', 'rarity', 'vaulted', 'and', 'or', 'not', 'in', '(', ')', ',', '=', '<', '1', '"a"', 'true'), {
    maxLength: 12,
  })
  .map((words) => words.join(' '));
const texts = fc.oneof(
  fc.constantFrom('Rare', 'rare', 'É', 'é', '手枪', 'a"b', 'a\\b', "';--", ''),
  fc.string({ maxLength: 6 }).map((s) => s.replace(/\p{Cc}/gu, '')),
);
const decimals = fc.constantFrom('0', '0.07', '-1.5', '7', '123456789012345', '0.1', '0.30000000000000');
const literal = {
  text: texts.map((text): Literal => ({ type: 'text', text })),
  decimal: decimals.map((text): Literal => ({ type: 'decimal', text: text === '0.30000000000000' ? '0.3' : text })),
  date: fc.constantFrom('2024-02-29', '2026-01-01').map((text): Literal => ({ type: 'date', text })),
  boolean: fc.boolean().map((value): Literal => ({ type: 'boolean', value })),
};
const comparisons: fc.Arbitrary<Expression> = fc.constantFrom(...schema.entries()).chain(([attribute, type]) => {
  const operators = type === 'decimal' || type === 'date' ? (['=', '!=', '<', '<=', '>', '>='] as const) : (['=', '!='] as const);
  const single = fc.record({
    kind: fc.constant('comparison' as const),
    attribute: fc.constant(attribute),
    operator: fc.constantFrom(...operators),
    values: fc.tuple(literal[type]),
  });
  const several = fc.record({
    kind: fc.constant('comparison' as const),
    attribute: fc.constant(attribute),
    operator: fc.constant('in' as const),
    values: fc.uniqueArray(literal[type], { minLength: 1, maxLength: 3, selector: (each) => JSON.stringify(each) }),
  });
  return fc.oneof(single, several);
});
const expressions: fc.Arbitrary<Expression> = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    comparisons,
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), parts: fc.array(tie('any'), { minLength: 2, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), inner: tie('any') }),
  ),
})).any;

const anyValue: fc.Arbitrary<AttributeValue> = fc.oneof(
  texts,
  fc.boolean(),
  decimals,
  fc.constantFrom('1e3', ' 7', '7.', '2024-02-29', '2026-01-01', '2026-1-1', 'true'),
  fc.constantFrom(0, -0, 7, 0.07, 0.1 + 0.2, -1.5, 1e-7, 5e-324, 1e21, 1e300, 123456789012345),
);
const column = fc.oneof(fc.constant(null), texts);
const games = fc.constantFrom('gam_1', 'gam_2');
const records: fc.Arbitrary<ExpressionRecord> = fc.record({
  columns: fc.record({ game: games, category: texts, type: texts, rarity: column, refinement: column, class_ref: texts }),
  attributes: fc.dictionary(fc.constantFrom(...[...schema.keys()].filter((key) => !BUILT_IN.some((name) => name === key))), anyValue),
});

describe('both evaluators', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  async function matchesInSql(expression: Expression, { columns, attributes }: ExpressionRecord): Promise<boolean> {
    const { text, values } = expressionSql(expression, 8);
    const { game, category, type, rarity, refinement, class_ref } = columns;
    const rows = await database.sql.unsafe<{ matches: boolean }[]>(
      `select ${text} as matches from (select $1::text as category, $2::text as type, $3::text as rarity, $4::text as refinement,
         $5::text as class_ref, $6::text::jsonb as attributes, $7::text as game_id) c`,
      [category, type, rarity, refinement, class_ref, JSON.stringify(attributes), game, ...values],
    );
    return rows[0]?.matches === true;
  }
  const kind: ExpressionRecord = {
    columns: { game: 'gam_1', category: 'Mods', type: 'Cut Gem', rarity: 'Rare', refinement: null, class_ref: 'gem-1' },
    attributes: { polish: '0.069', drain: 7, vaulted: false, released: '2024-02-29', polarity: 'Madurai' },
  };

  test.each([
    ['rarity in ("rare", "legendary") and polish < 0.07', true],
    ['polish < 0.069', false],
    ['polish <= 0.0690', true],
    ['drain = 7.0 and class_ref = "gem-1"', true],
    ['refinement != "Intact"', false],
    ['not refinement = "Intact"', true],
    ['vaulted = false and vaulted != true', true],
    ['released > "2024-02-28" and released < "2024-03-01"', true],
    ['polarity in ("naramon", "MADURAI")', true],
    ['game = "gam_1" and drain = 7', true],
    ['game = "gam_2" or game != "gam_1"', false],
  ])('%s', async (source, expected) => {
    expect(matchesExpression(parsed(source), kind)).toBe(expected);
    expect(await matchesInSql(parsed(source), kind)).toBe(expected);
  });

  test('agree on every expression and every kind', async () => {
    await fc.assert(
      fc.asyncProperty(expressions, records, async (expression, record) => {
        expect(await matchesInSql(expression, record)).toBe(matchesExpression(expression, record));
      }),
      { numRuns: 300 },
    );
  });
});

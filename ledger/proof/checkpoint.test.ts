import { expect, test } from 'vitest';
import { toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { marketDay } from '#test/vectors/sealed-world.ts';
import { checkpointText, parseCheckpoint } from './checkpoint.ts';

const { world } = marketDay();
const { header, finality } = world.tip;
const text = checkpointText(header, finality);

test('a checkpoint is five lines, the first three as in C2SP tlog-checkpoint', () => {
  const lines = text.split('\n');
  expect(lines.slice(0, 3)).toEqual([`daoju/${toHex(world.chain)}`, '5', toBase64(header.logRoot)]);
  expect(lines.slice(3).map((line) => line.split(' ')[0])).toEqual(['header', 'finality', '']);
  expect(parseCheckpoint(text)).toEqual({ chain: world.chain, logSize: 5n, logRoot: header.logRoot, header, finality });
});

test.each<[string, string]>([
  ['another size', text.replace('\n5\n', '\n6\n')],
  ['a size with a leading zero', text.replace('\n5\n', '\n05\n')],
  ['another chain', text.replace('daoju/', 'daoju/0')],
  ['a line more', `${text}\n`],
  ['no last newline', text.trimEnd()],
  ['another root', text.replace(toBase64(header.logRoot), toBase64(header.stateRoot))],
  ['empty', ''],
])('refused: %s', (_, altered) => {
  expect(() => parseCheckpoint(altered)).toThrow(ParseError);
});

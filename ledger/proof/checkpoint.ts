/**
 * The checkpoint (`ledger.md` 16): five text lines. The first three are those of C2SP tlog-checkpoint; it is not a C2SP signed
 * note, since hash and signature differ, so Finality stands where the note's signatures would.
 */
import { decodeFinality, decodeHeader, encodeFinality, encodeHeader, type Finality, type Header } from '#ledger/codec/header.ts';
import { type Bytes, equalBytes, fromBase64, fromHex, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

export interface Checkpoint {
  readonly chain: Bytes;
  readonly logSize: bigint;
  readonly logRoot: Bytes;
  readonly header: Header;
  readonly finality: Finality;
}

export function checkpointText(header: Header, finality: Finality): string {
  const lines = [
    `daoju/${toHex(header.chain)}`,
    header.logSize.toString(),
    toBase64(header.logRoot),
    `header ${toBase64(encodeHeader(header))}`,
    `finality ${toBase64(encodeFinality(finality))}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Reads exactly what `checkpointText` writes; says nothing about the votes. @throws {ParseError} `checkpoint_malformed` or a code of the reader */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = '', headerLine = '', finalityLine = '', end, ...more] = text.split('\n');
  const isShaped = end === '' && more.length === 0 && origin.startsWith('daoju/') && /^(?:0|[1-9]\d{0,19})$/.test(size);
  if (!isShaped || !headerLine.startsWith('header ') || !finalityLine.startsWith('finality ')) throw new ParseError('checkpoint_malformed');
  const header = decodeHeader(fromBase64(headerLine.slice('header '.length)));
  const finality = decodeFinality(fromBase64(finalityLine.slice('finality '.length)));
  const chain = fromHex(origin.slice('daoju/'.length), 32);
  const logRoot = fromBase64(root);
  const isConsistent = equalBytes(chain, header.chain) && BigInt(size) === header.logSize && equalBytes(logRoot, header.logRoot);
  if (!isConsistent) throw new ParseError('checkpoint_malformed', { reason: 'the first lines are not the header’s' });
  return { chain, logSize: header.logSize, logRoot, header, finality };
}

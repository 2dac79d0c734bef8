/** Reads foreign XML strictly with `saxes`, and of it only what a grammar names. Nothing is declared, expanded or fetched: a DOCTYPE is refused. */
import { SaxesParser } from 'saxes';

/** Elements to keep, by local name. `{}`: the text alone. All others are skipped with what lies in them. */
export type Grammar = { readonly [local: string]: Grammar };
export const TEXT: Grammar = {};

export type ReadNode = {
  readonly name: string;
  readonly line: number;
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
  readonly children: readonly ReadNode[];
};

export const XML_REFUSALS = {
  xml_too_large: 'The file is larger than is read here. Ask for the statement in parts, day by day.',
  xml_encoding: 'The file is not UTF-8. Save it in UTF-8 and try again.',
  xml_doctype: 'The file has a DOCTYPE. A statement needs none, and none is read.',
  xml_not_well_formed: 'The file is no well-formed XML.',
  xml_too_deep: 'Elements lie in one another deeper than any statement has them.',
} as const;
export type XmlRefusalCode = keyof typeof XML_REFUSALS;

/** Hostile or corrupt bytes, with the line where it shows. */
export class XmlRefused extends Error {
  readonly code: XmlRefusalCode;
  readonly line: number;
  constructor(code: XmlRefusalCode, line: number) {
    super(`${code} at line ${line}`);
    this.code = code;
    this.line = line;
  }
}

const MAX_DEPTH = 64;

type Open = {
  readonly name: string;
  readonly line: number;
  readonly grammar: Grammar;
  readonly attributes: ReadonlyMap<string, string>;
  text: string;
  readonly children: ReadNode[];
};

/** `accept` sees the root first and says what to keep, or throws. @throws {XmlRefused} */
export function readXml(
  bytes: Uint8Array,
  maxBytes: number,
  accept: (namespace: string, local: string, line: number) => Grammar,
): ReadNode {
  if (bytes.length > maxBytes) throw new XmlRefused('xml_too_large', 1);
  const text = decode(bytes);
  const parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  const open: Open[] = [];
  let root: ReadNode | null = null;
  let namespace = '';
  /** Elements open inside of one that is skipped, itself among them. */
  let skipped = 0;

  parser.on('error', () => {
    throw new XmlRefused('xml_not_well_formed', parser.line);
  });
  parser.on('doctype', () => {
    throw new XmlRefused('xml_doctype', parser.line);
  });
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding)) throw new XmlRefused('xml_encoding', parser.line);
  });
  // The line of a tag's beginning; attributes may go on for some.
  let line = 1;
  parser.on('opentagstart', () => {
    line = parser.line;
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    const parent = open.at(-1);
    if (open.length + skipped >= MAX_DEPTH) throw new XmlRefused('xml_too_deep', line);
    if (parent === undefined) namespace = uri;
    const grammar = parent === undefined ? accept(uri, local, line) : grammarOf(parent, local, uri === namespace);
    if (skipped > 0 || grammar === null) skipped += 1;
    else {
      const own = Object.values(attributes).filter(({ uri: of }) => of === '');
      open.push({
        name: local,
        line,
        grammar,
        attributes: new Map(own.map((attribute) => [attribute.local, attribute.value])),
        text: '',
        children: [],
      });
    }
  });
  const addText = (part: string) => {
    const current = open.at(-1);
    if (skipped === 0 && current !== undefined) current.text += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    if (skipped > 0) {
      skipped -= 1;
      return;
    }
    const closed = open.pop();
    if (closed === undefined) return;
    const { name, line: at, attributes, text: content, children } = closed;
    const node: ReadNode = { name, line: at, attributes, text: content.trim(), children };
    const parent = open.at(-1);
    if (parent === undefined) root = node;
    else parent.children.push(node);
  });
  parser.write(text).close();
  return found(root);
}

function grammarOf({ grammar }: Open, local: string, isOurs: boolean): Grammar | null {
  return isOurs && Object.hasOwn(grammar, local) ? (grammar[local] ?? null) : null;
}

/** The parser ends with an error of its own where there is no root. */
function found(root: ReadNode | null): ReadNode {
  if (root === null) throw new XmlRefused('xml_not_well_formed', 1);
  return root;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new XmlRefused('xml_encoding', lineOfFault(bytes));
  }
}

/** Up to the line before the fault everything is UTF-8. */
function lineOfFault(bytes: Uint8Array): number {
  let [start, line] = [0, 1];
  for (;;) {
    const end = bytes.indexOf(0x0a, start);
    const part = bytes.subarray(start, end === -1 ? bytes.length : end);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(part);
    } catch {
      return line;
    }
    if (end === -1) return line;
    [start, line] = [end + 1, line + 1];
  }
}

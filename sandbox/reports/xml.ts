/** XML as data, written by `xmlbuilder2`; the same tree gives the same bytes. */
import { create } from 'xmlbuilder2';

export type XmlNode = {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Text, or elements in order; `null` stands for an element that is left out. */
  readonly content: string | readonly (XmlNode | null)[];
};

export function el(name: string, content: XmlNode['content'], attributes?: Readonly<Record<string, string>>): XmlNode {
  return attributes === undefined ? { name, content } : { name, content, attributes };
}

/** An element that stands only where there is a text. */
export function optional(name: string, text: string | null, attributes?: Readonly<Record<string, string>>): XmlNode | null {
  return text === null ? null : el(name, text, attributes);
}

/** What XML 1.0 cannot carry, even escaped. */
const UNWRITABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

type Parent = { ele(name: string, attributes?: Record<string, string>): Parent; txt(text: string): Parent };

function write(parent: Parent, { name, attributes, content }: XmlNode): void {
  const element = parent.ele(name, { ...attributes });
  if (typeof content === 'string') element.txt(content.replace(UNWRITABLE, '\ufffd'));
  else for (const child of content) if (child !== null) write(element, child);
}

/** UTF-8 text with its declaration, indented by two, ending in a line feed. */
export function writeXml(root: XmlNode): string {
  const document = create({ version: '1.0', encoding: 'UTF-8' });
  write(document, root);
  return `${document.end({ prettyPrint: true, indent: '  ' })}\n`;
}

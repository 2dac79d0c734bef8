/**
 * What of a page lies beyond the right or left edge of the screen, or is cut off by a box that does not scroll (product Q-11). Texts and
 * pictures are compared with the screen and with every box around them that clips, so that hiding what is too wide is no way to pass.
 * Not counted: what stands in a box that scrolls by itself, a text that is shortened with an ellipsis, and what only screen readers see.
 */
import type { Page } from 'playwright-core';

/** One line per place, such as `td.num "1,234.00": 12 px cut off`; at most eight. */
export const cutOff = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const faults: string[] = [];
    const SLACK = 1;
    const clips = (style: CSSStyleDeclaration) => /hidden|clip/.test(style.overflowX);
    const scrolls = (style: CSSStyleDeclaration) => /auto|scroll/.test(style.overflowX);
    const isShortened = (style: CSSStyleDeclaration) => style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';

    /** By how many pixels the box is not to be seen; 0 when somebody can get at all of it. */
    const hiddenWidth = (box: DOMRect, from: Element): number => {
      let left = 0;
      let right = document.documentElement.clientWidth;
      for (let around: Element | null = from; around !== null && around !== document.body; around = around.parentElement) {
        const style = getComputedStyle(around);
        const edges = around.getBoundingClientRect();
        // For screen readers alone.
        if (style.clipPath === 'inset(50%)' || (clips(style) && edges.width <= 2)) return 0;
        if (scrolls(style) || (clips(style) && isShortened(style))) {
          return Math.max(edges.right - document.documentElement.clientWidth, -edges.left, 0);
        }
        if (clips(style)) {
          left = Math.max(left, edges.left);
          right = Math.min(right, edges.right);
        }
      }
      return Math.max(box.right - right, left - box.left, 0);
    };
    const look = (box: DOMRect, element: Element, text: string) => {
      if (box.width === 0 || box.height === 0 || faults.length >= 8) return;
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return;
      const hidden = hiddenWidth(box, element);
      if (hidden <= SLACK) return;
      const name = `${element.tagName.toLowerCase()}${element.className ? `.${String(element.className).split(/\s+/).slice(0, 3).join('.')}` : ''}`;
      faults.push(`${name} "${text.slice(0, 40)}": ${Math.round(hidden)} px cut off`);
    };

    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode;
      const parent = node.parentElement;
      const text = node.nodeValue?.trim() ?? '';
      if (text === '' || parent === null || parent.closest('svg, script, style, noscript, option') !== null) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      look(range.getBoundingClientRect(), parent, text);
    }
    for (const element of document.querySelectorAll('img, svg, canvas, input, select, textarea, button, table')) {
      if (element.parentElement?.closest('svg') === null || element.parentElement === null) {
        look(element.getBoundingClientRect(), element.parentElement ?? element, element.getAttribute('aria-label') ?? '');
      }
    }
    return faults;
  });

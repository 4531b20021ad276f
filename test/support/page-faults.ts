import type { Page } from "playwright-core";
import type { PageDocument, PageElement } from "./in-page.ts";

declare const document: PageDocument;
declare const getComputedStyle: (element: PageElement) => { readonly overflowX: string };

/** A finger's width of rounding is no overflow. */
const TOLERANCE_PX = 1;

/**
 * What hostile text has done to a page, one line for each: run, become an element, turned or hidden text, or made the page
 * wider than its window.
 * @param unseen a pattern of characters that may be in no text that is shown
 */
export function faultsOfPage(page: Page, flag: string, unseen: string): Promise<string[]> {
  return page.evaluate(
    ([name, pattern, tolerance]) => {
      const faults: string[] = [];
      if (Reflect.get(globalThis, name) !== undefined) faults.push("a script of the text has run");
      for (const element of document.querySelectorAll(
        "img[onerror], img[src='x'], svg[onload], script:not([src])",
      )) {
        faults.push(`text became an element: ${element.outerHTML.slice(0, 200)}`);
      }
      for (const link of document.querySelectorAll("a[href^='javascript:' i]")) {
        faults.push(`text became a script's address: ${link.outerHTML.slice(0, 200)}`);
      }
      const characters = new RegExp(pattern);
      const shown = (text: string | null, where: string): void => {
        if (text !== null && characters.test(text))
          faults.push(`${where} turns or hides: ${text.slice(0, 200)}`);
      };
      shown(document.title, "the title");
      shown(document.body.textContent, "the text");
      for (const element of document.querySelectorAll("[title], [aria-label]")) {
        shown(element.getAttribute("title"), "a title");
        shown(element.getAttribute("aria-label"), "a label");
      }
      const right = document.documentElement.clientWidth + tolerance;
      /** Inside something that scrolls or cuts by itself it may be as wide as it likes. */
      const isHeld = (element: PageElement): boolean => {
        const parent = element.parentElement;
        if (parent === null || parent === document.body) return false;
        const cuts = getComputedStyle(parent).overflowX !== "visible";
        return (cuts && parent.getBoundingClientRect().right <= right) || isHeld(parent);
      };
      if (document.documentElement.scrollWidth > right) {
        faults.push(`the page is ${document.documentElement.scrollWidth} px wide`);
      }
      for (const element of document.querySelectorAll("body *")) {
        const box = element.getBoundingClientRect();
        if (box.width === 0 || box.right <= right || box.left >= right || isHeld(element)) continue;
        faults.push(`sticks out by ${Math.round(box.right - right)} px: ${element.outerHTML.slice(0, 150)}`);
      }
      return faults;
    },
    [flag, unseen, TOLERANCE_PX] as const,
  );
}

/*
 * What functions that a test hands to a page use of the page's own world, which the tests' world does not have:
 * `declare const document: PageDocument;` in the file that needs it.
 */

export interface PageElement {
  readonly outerHTML: string;
  readonly textContent: string | null;
  readonly parentElement: PageElement | null;
  readonly scrollWidth: number;
  readonly scrollHeight: number;
  readonly clientWidth: number;
  scrollTop: number;
  getAttribute(name: string): string | null;
  getBoundingClientRect(): { readonly left: number; readonly right: number; readonly width: number };
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement> & { readonly length: number };
}

export interface PageDocument extends Pick<PageElement, "querySelector" | "querySelectorAll"> {
  readonly title: string;
  readonly body: PageElement;
  readonly documentElement: PageElement;
}

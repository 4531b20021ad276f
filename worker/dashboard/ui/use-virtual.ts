import {
  elementScroll,
  measureElement,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from "@tanstack/virtual-core";
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";

/** Rows beyond those in sight, on each side: what a finger scrolls to is there already. */
export const OVERSCAN = 8;

export interface Virtual {
  rows: readonly VirtualItem[];
  /** Pixels that stand for the rows above and below those. */
  above: number;
  below: number;
  scrollTo(index: number): void;
  /** For each row's element, which carries `data-index`. */
  measure(element: Element | null): void;
}

/** Which rows of a list are in sight, inside the element that scrolls. */
export function useVirtual(options: {
  count: number;
  scroller: { readonly current: HTMLElement | null };
  estimate: number;
  keyOf: (index: number) => string | number;
}): Virtual {
  const [, again] = useReducer<number, undefined>((turn) => turn + 1, 0);
  const held = useRef<Virtualizer<HTMLElement, Element> | null>(null);
  const settings = {
    count: options.count,
    getScrollElement: () => options.scroller.current,
    estimateSize: () => options.estimate,
    getItemKey: options.keyOf,
    overscan: OVERSCAN,
    initialRect: { width: 800, height: 600 },
    observeElementRect,
    observeElementOffset,
    // Rows that are drawn before their dialog is opened have no height yet: a list of nothing would never be seen again.
    measureElement: (
      element: Element,
      entry: ResizeObserverEntry | undefined,
      list: Virtualizer<HTMLElement, Element>,
    ) => measureElement(element, entry, list) || options.estimate,
    scrollToFn: elementScroll,
    onChange: () => again(undefined),
  };
  held.current ??= new Virtualizer(settings);
  const virtualizer = held.current;
  virtualizer.setOptions(settings);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  const rows = virtualizer.getVirtualItems();
  return {
    rows,
    above: rows[0]?.start ?? 0,
    below: Math.max(0, virtualizer.getTotalSize() - (rows.at(-1)?.end ?? 0)),
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: "auto" }),
    measure: virtualizer.measureElement,
  };
}

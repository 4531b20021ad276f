type Listeners = {
  [E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void;
};

export interface Props {
  /** Tells siblings apart that may come and go. */
  key?: string;
  on?: Listeners;
  /** Of a control; what somebody is typing stays. */
  value?: string | undefined;
  checked?: boolean;
  /** Everything else is an attribute; false, null and undefined leave it out. */
  [attribute: string]: unknown;
}

/** An element as it should be. */
export interface VNode {
  tag: string;
  props: Props;
  children: (VNode | string)[];
}

export type Child = VNode | string | null | false;

/** An element with its attributes and what is in it; null and false leave nothing behind. */
export function h(tag: string, props: Props = {}, ...children: (Child | readonly Child[])[]): VNode {
  return { tag, props, children: present(children) };
}

export function present(children: readonly (Child | readonly Child[])[]): (VNode | string)[] {
  return children.flat().filter((child) => child !== null && child !== false);
}

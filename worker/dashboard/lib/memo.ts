import { Component, type ComponentType, h } from "preact";

/** Redraws only when one of its properties is another, or a signal that it reads changes. */
export function memo<Props extends object>(inside: ComponentType<Props>): ComponentType<Props> {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const before: Readonly<Props> = this.props;
      const names = new Set([...Object.keys(before), ...Object.keys(next)]) as Set<keyof Props>;
      for (const name of names) if (before[name] !== next[name]) return true;
      return false;
    }

    override render() {
      return h(inside, this.props);
    }
  };
}

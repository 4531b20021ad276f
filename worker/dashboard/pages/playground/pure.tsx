import { Component, type ComponentType } from "preact";

/** A component that is drawn again only for other props: a long conversation stands still while its end is written. */
export function pure<Props extends object>(View: ComponentType<Props>): ComponentType<Props> {
  return class Pure extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      return Object.entries(next).some(([name, value]) => value !== Reflect.get(this.props, name));
    }

    override render() {
      return <View {...this.props} />;
    }
  };
}

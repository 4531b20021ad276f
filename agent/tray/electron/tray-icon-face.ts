import { Menu, type NativeImage, nativeImage, Tray } from "electron";
import { trayIcon } from "../icons/tray-icon.ts";
import type { MenuItem, TrayAction } from "../view/menu.ts";
import type { View } from "../view.ts";

const SIDE = 16;
const SCALES = [1, 1.25, 1.5, 1.75, 2, 3];

/** The icon beside the clock, and its menu. */
export class TrayFace {
  readonly #tray: Tray;
  readonly #describe: () => View;
  readonly #act: (action: TrayAction) => void;
  readonly #images = new Map<string, NativeImage>();
  #shown: { icon: string; tooltip: string; menu: string } = { icon: "", tooltip: "", menu: "" };

  /** `describe` is asked at each click: times in the menu are those of now. */
  constructor(describe: () => View, act: (action: TrayAction) => void) {
    this.#describe = describe;
    this.#act = act;
    this.#tray = new Tray(this.#image(describe().icon));
    const popUp = (): void => this.#tray.popUpContextMenu(this.#menu(describe().menu));
    this.#tray.on("right-click", popUp);
    this.#tray.on("click", () => {
      // Everywhere but on macOS a click opens the program, and its menu is on the other button.
      if (process.platform === "darwin") popUp();
      else act({ type: "window" });
    });
    this.update();
  }

  /** Shows what has changed and leaves alone what has not: an open menu closes when it is replaced. */
  update(): void {
    const { icon, tooltip, menu } = this.#describe();
    const now = { icon: JSON.stringify(icon), tooltip, menu: JSON.stringify(menu) };
    if (now.icon !== this.#shown.icon) this.#tray.setImage(this.#image(icon));
    if (now.tooltip !== this.#shown.tooltip) this.#tray.setToolTip(tooltip);
    // Linux asks for the menu ahead; it reports no clicks.
    if (process.platform === "linux" && now.menu !== this.#shown.menu) {
      this.#tray.setContextMenu(this.#menu(menu));
    }
    this.#shown = now;
  }

  destroy(): void {
    this.#tray.destroy();
  }

  #menu(items: readonly MenuItem[]): Menu {
    return Menu.buildFromTemplate(
      items.map((item) => {
        if (item.type === "separator") return { type: "separator" };
        // A single ampersand would mark an access key and vanish.
        const label = item.label.replaceAll("&", "&&");
        if (item.type === "line") return { label, enabled: false };
        return { label, enabled: item.enabled, click: () => this.#act(item.action) };
      }),
    );
  }

  #image(icon: View["icon"]): NativeImage {
    const key = JSON.stringify(icon);
    const known = this.#images.get(key);
    if (known !== undefined) return known;
    const template = process.platform === "darwin";
    const image = nativeImage.createEmpty();
    for (const scaleFactor of SCALES) {
      const png = trayIcon(icon.state, { dark: icon.dark, template }, Math.round(SIDE * scaleFactor));
      image.addRepresentation({ scaleFactor, dataURL: `data:image/png;base64,${png.toString("base64")}` });
    }
    image.setTemplateImage(template);
    this.#images.set(key, image);
    return image;
  }
}

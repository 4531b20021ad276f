import { useEffect, useRef } from "preact/hooks";
import { feed } from "../lib/feed.ts";
import { area, hrefOf } from "../lib/router.ts";
import { common } from "../text/common/index.ts";
import { IconButton } from "../ui/button.tsx";
import { cx } from "../ui/classes.ts";
import { Icon } from "../ui/icons.tsx";
import { AREAS } from "./area-list.ts";
import { Logo } from "./logo.tsx";

/** The navigation: at the side, or on a narrow screen a drawer that the header opens. */
export function Sidebar({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = common.value;
  const waiting = feed.pairings.value.length;
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    if (open) nav.current?.querySelector<HTMLElement>(".drawer-close")?.focus();
  }, [open]);
  return (
    <>
      {open && <div class="drawer-backdrop" onClick={onClose} aria-hidden="true" />}
      <nav
        ref={nav}
        class={cx("sidebar", open && "sidebar-open")}
        aria-label={t.nav.main}
        onKeyDown={(event) => {
          if (event.key === "Escape") onClose();
        }}
      >
        <div class="sidebar-head">
          <a class="brand" href={hrefOf("/")}>
            <Logo />
            <span>{t.product}</span>
          </a>
          <IconButton class="drawer-close" icon="close" label={t.nav.close} onClick={onClose} />
        </div>
        <ul class="nav">
          {AREAS.map(({ id, segment, icon }) => {
            const here = area.value === segment;
            return (
              <li key={id}>
                <a
                  href={hrefOf(`/${segment}`)}
                  class={cx("nav-item", here && "nav-here")}
                  aria-current={here ? "page" : undefined}
                >
                  <Icon name={icon} size={18} />
                  <span class="grow">{t.nav[id]}</span>
                  {id === "machines" && waiting > 0 && (
                    <span class="nav-count">
                      {waiting}
                      <span class="sr-only"> {t.nav.waiting}</span>
                    </span>
                  )}
                </a>
              </li>
            );
          })}
        </ul>
      </nav>
    </>
  );
}

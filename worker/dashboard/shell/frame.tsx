import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { feed } from "../lib/feed.ts";
import { area, hrefOf, navigations, path } from "../lib/router.ts";
import { common } from "../text/common/index.ts";
import { Button } from "../ui/button.tsx";
import { harmless } from "../ui/harmless.ts";
import { PageHeader } from "../ui/page-header.tsx";
import { EmptyState } from "../ui/states.tsx";
import { AREAS } from "./area-list.ts";
import { PAGES } from "./area-pages.tsx";
import { ConnectionBanner } from "./connection.tsx";
import { Header } from "./header.tsx";
import { Overlays } from "./overlays.tsx";
import { Sidebar } from "./sidebar.tsx";

/** Everything around a page, for somebody who is logged in. */
export function Frame() {
  const t = common.value;
  const main = useRef<HTMLElement>(null);
  const drawer = useSignal(false);
  const seen = useRef(navigations.peek());
  const moves = navigations.value;
  useEffect(() => {
    if (seen.current === moves) return;
    seen.current = moves;
    drawer.value = false;
    main.current?.focus({ preventScroll: true });
  }, [moves]);

  const shown = AREAS.find(({ segment }) => segment === area.value);
  // A page belongs to its area, not to its path: it decides itself what the rest means.
  const Page = shown === undefined ? undefined : PAGES[shown.id];
  return (
    <div class="frame">
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t.skip}
      </a>
      <Sidebar
        open={drawer.value}
        onClose={() => {
          drawer.value = false;
          document.querySelector<HTMLElement>(".drawer-open")?.focus();
        }}
      />
      <div class="frame-body">
        <Header
          onMenu={() => {
            drawer.value = true;
          }}
        />
        <ConnectionBanner />
        {feed.coordinator.value?.demo === true && <aside class="banner banner-info">{t.demo}</aside>}
        <main id="main" class="main" tabIndex={-1} ref={main}>
          {Page === undefined ? (
            <>
              <PageHeader title={t.notFound.title} />
              <EmptyState
                icon="search"
                title={t.notFound.hint}
                actions={<Button href={hrefOf("/")}>{t.notFound.home}</Button>}
              >
                <code class="wrap-anywhere">{harmless(path.value, 200)}</code>
              </EmptyState>
            </>
          ) : (
            <Page key={shown?.id} />
          )}
        </main>
      </div>
      <Overlays />
    </div>
  );
}

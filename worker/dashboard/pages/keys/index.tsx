import "./keys.css";
import { useCommands } from "../../lib/commands.ts";
import { hrefOf, matchPath, navigate, path, queryValue, setQuery } from "../../lib/router.ts";
import { canChange } from "../../lib/session.ts";
import { common } from "../../text/common/index.ts";
import { keysText } from "../../text/keys/index.ts";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { AccessTab } from "./access/access-tab.tsx";
import { CreateToken } from "./access/create-token.tsx";
import { CreateKey } from "./form/create-key.tsx";
import { KeyPage } from "./key-page.tsx";
import { KeysTab } from "./keys-tab.tsx";
import { UsageTab } from "./usage/usage-tab.tsx";

const TABS = ["keys", "usage", "access"] as const;
type TabId = (typeof TABS)[number];

const tab = queryValue("tab");
/** What is being made: in the address, so that links and commands of other pages lead here. */
const creating = queryValue("create");

export default function KeysPage() {
  const t = keysText.value;
  const id = matchPath("/keys/:id", path.value)?.id;
  useCommands(
    () => [
      ...(canChange.value
        ? ([
            { id: "token-create", label: t.commands.token, icon: "plus", run: () => create("token") },
          ] as const)
        : []),
      { id: "usage", label: t.commands.usage, icon: "keys", run: () => navigate(addressOf("usage")) },
    ],
    [t, canChange.value],
  );
  return (
    <>
      {id === undefined ? <Sections /> : <KeyPage key={id} id={id} />}
      {creating.value === "key" && <CreateKey onClose={stop} />}
      {creating.value === "token" && <CreateToken onClose={stop} />}
    </>
  );
}

const create = (what: "key" | "token"): void => setQuery({ create: what });
const stop = (): void => setQuery({ create: null });

const addressOf = (id: TabId): string => hrefOf("/keys", { tab: id === "keys" ? null : id });

function Sections() {
  const t = keysText.value;
  const selected = TABS.find((one) => one === tab.value) ?? "keys";
  return (
    <>
      <PageHeader
        title={common.value.nav.keys}
        subtitle={t.subtitle}
        actions={
          selected === "access" ? (
            <Button kind="primary" icon="plus" changes onClick={() => create("token")}>
              {t.access.create}
            </Button>
          ) : (
            <Button kind="primary" icon="plus" changes onClick={() => create("key")}>
              {t.create}
            </Button>
          )
        }
      />
      <Tabs
        label={t.tabs.label}
        tabs={TABS.map((one) => ({ id: one, label: t.tabs[one] }))}
        selected={selected}
        onSelect={(one) => navigate(addressOf(one), { replace: true })}
      >
        {selected === "keys" ? (
          <KeysTab onCreate={() => create("key")} />
        ) : selected === "usage" ? (
          <UsageTab />
        ) : (
          <AccessTab onCreate={() => create("token")} />
        )}
      </Tabs>
    </>
  );
}

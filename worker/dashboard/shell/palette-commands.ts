import type { ModelView } from "../../../shared/api/models.ts";
import { added, type Command } from "../lib/commands.ts";
import { feed } from "../lib/feed.ts";
import { chooseLanguage, LANGUAGES } from "../lib/language.ts";
import { hrefOf, navigate } from "../lib/router.ts";
import { chooseTheme, THEMES } from "../lib/theme.ts";
import { common } from "../text/common/index.ts";
import { AREAS } from "./area-list.ts";
import { leave } from "./leave.ts";
import { best } from "./search.ts";

export interface Group {
  title: string;
  commands: Command[];
}

const MOST_OF_GROUP = 8;

/** What the palette offers for what was typed, by groups, none of them empty. */
export function groupsFor(typed: string, models: readonly ModelView[], onHelp: () => void): Group[] {
  const t = common.value;
  const pages = AREAS.map(
    ({ id, segment, icon }): Command => ({
      id: `page-${id}`,
      label: t.nav[id],
      icon,
      run: () => navigate(hrefOf(`/${segment}`)),
    }),
  );
  // Machines and models may be thousands: they come when something was typed.
  const isAsked = typed.trim() !== "";
  const machines = isAsked
    ? feed.agents.value.map(
        ({ id, name }): Command => ({
          id: `machine-${id}`,
          label: name,
          icon: "machines",
          run: () => navigate(hrefOf(`/machines/${id}`)),
        }),
      )
    : [];
  const found = isAsked
    ? models.map(
        ({ name }): Command => ({
          id: `model-${name}`,
          label: name,
          icon: "models",
          run: () => navigate(hrefOf("/models", { model: name })),
        }),
      )
    : [];
  const groups: Group[] = [
    { title: t.palette.pages, commands: best(pages, typed, pages.length) },
    { title: t.palette.machines, commands: best(machines, typed, MOST_OF_GROUP) },
    { title: t.palette.models, commands: best(found, typed, MOST_OF_GROUP) },
    { title: t.palette.actions, commands: best([...added.value, ...actions(onHelp)], typed, 12) },
  ];
  return groups.filter(({ commands }) => commands.length > 0);
}

/** What a fleet's owner does most, from wherever he is. */
function fleetActions(): Command[] {
  const t = common.value.palette.fleet;
  const to = (path: string, query: Record<string, string>) => () => navigate(hrefOf(path, query));
  return [
    { id: "add-machine", label: t.addMachine, icon: "plus", run: to("/machines", { add: "pairing" }) },
    { id: "approve-machine", label: t.approveMachine, icon: "check", run: to("/machines", { pair: "1" }) },
    { id: "pull-model", label: t.pullModel, icon: "download", run: to("/models", { pull: "1" }) },
    { id: "create-key", label: t.createKey, icon: "keys", run: to("/keys", { create: "key" }) },
  ];
}

function actions(onHelp: () => void): Command[] {
  const t = common.value;
  return [
    ...THEMES.map(
      (id): Command => ({
        id: `theme-${id}`,
        label: `${t.theme.label}: ${t.theme[id]}`,
        icon: id === "light" ? "sun" : id === "dark" ? "moon" : "system",
        run: () => chooseTheme(id),
      }),
    ),
    ...LANGUAGES.map(
      (id): Command => ({
        id: `language-${id}`,
        label: `${t.language.label}: ${t.language[id]}`,
        icon: "language",
        run: () => chooseLanguage(id),
      }),
    ),
    ...fleetActions(),
    { id: "help", label: t.shortcuts.title, icon: "keyboard", run: onHelp },
    { id: "logout", label: t.user.logout, icon: "logout", run: leave },
  ];
}

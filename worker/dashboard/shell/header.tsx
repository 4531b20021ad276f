import { chooseLanguage, LANGUAGES, language } from "../lib/language.ts";
import { session } from "../lib/session.ts";
import { chooseTheme, isDark, THEMES, theme } from "../lib/theme.ts";
import { common } from "../text/common/index.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Menu } from "../ui/menu.tsx";
import { Name } from "../ui/name.tsx";
import { ConnectionState } from "./connection.tsx";
import { leave } from "./leave.ts";
import { paletteOpen } from "./overlays.tsx";

export function Header({ onMenu }: { onMenu: () => void }) {
  const t = common.value;
  const who = session.value;
  return (
    <header class="header">
      <IconButton class="drawer-open" icon="menu" label={t.nav.open} onClick={onMenu} />
      <Button
        kind="secondary"
        icon="search"
        class="search-button"
        hasPopup="dialog"
        onClick={() => {
          paletteOpen.value = true;
        }}
      >
        <span class="search-text">{t.palette.placeholder}</span>
        <kbd aria-hidden="true">Ctrl K</kbd>
      </Button>
      <span class="grow" />
      <ConnectionState />
      <ThemeMenu />
      <LanguageMenu />
      <Menu
        label={t.user.menu}
        icon="user"
        header={
          <>
            <Name value={who?.name} strong />
            <div class="small muted">{who?.role === "admin" ? t.user.admin : t.user.viewer}</div>
          </>
        }
        items={[{ id: "logout", icon: "logout", label: t.user.logout, onSelect: leave }]}
      />
    </header>
  );
}

export function ThemeMenu() {
  const t = common.value.theme;
  return (
    <Menu
      label={t.label}
      icon={isDark.value ? "moon" : "sun"}
      items={THEMES.map((id) => ({
        id,
        label: t[id],
        icon: id === "system" ? ("system" as const) : id === "dark" ? ("moon" as const) : ("sun" as const),
        checked: theme.value === id,
        onSelect: () => chooseTheme(id),
      }))}
    />
  );
}

export function LanguageMenu() {
  const t = common.value.language;
  return (
    <Menu
      label={t.label}
      icon="language"
      items={LANGUAGES.map((id) => ({
        id,
        label: <span lang={id}>{t[id]}</span>,
        checked: language.value === id,
        onSelect: () => chooseLanguage(id),
      }))}
    />
  );
}

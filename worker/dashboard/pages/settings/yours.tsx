import { chooseLanguage, LANGUAGES, language } from "../../lib/language.ts";
import { chooseTheme, THEMES, theme } from "../../lib/theme.ts";
import { common } from "../../text/common/index.ts";
import { settingsText } from "../../text/settings/index.ts";
import { Card } from "../../ui/card.tsx";
import { Select } from "../../ui/fields.tsx";

/** What this browser keeps for its reader: a viewer may choose it too. */
export function Yours() {
  const t = settingsText.value;
  const words = common.value;
  return (
    <Card title={t.groups.yours}>
      <div class="stack">
        <p class="muted">{t.yours.hint}</p>
        <div class="settings-pair">
          <Select
            label={words.language.label}
            value={language.value}
            options={LANGUAGES.map((value) => ({ value, label: words.language[value] }))}
            onChange={chooseLanguage}
          />
          <Select
            label={words.theme.label}
            value={theme.value}
            options={THEMES.map((value) => ({ value, label: words.theme[value] }))}
            onChange={chooseTheme}
          />
        </div>
      </div>
    </Card>
  );
}

import { common } from "../../text/common/index.ts";
import { settingsText } from "../../text/settings/index.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { EmptyState } from "../../ui/states.tsx";

export default function SettingsPage() {
  return (
    <>
      <PageHeader title={common.value.nav.settings} />
      <EmptyState title={settingsText.value.empty} />
    </>
  );
}

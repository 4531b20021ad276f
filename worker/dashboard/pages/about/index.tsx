import { clockOffset } from "../../lib/clock.ts";
import { feed } from "../../lib/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { session } from "../../lib/session.ts";
import { aboutText } from "../../text/about/index.ts";
import { common } from "../../text/common/index.ts";
import { Card, Facts } from "../../ui/card.tsx";
import { CopyField } from "../../ui/copy.tsx";
import { Name } from "../../ui/name.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";

/** What this is, which releases run, and where the rest is. */
export default function AboutPage() {
  const t = aboutText.value;
  const { nav } = common.value;
  const who = session.value;
  const { origin } = location;
  const offset = clockOffset.value;
  return (
    <>
      <PageHeader title={nav.about} subtitle={t.intro} />
      <div class="stack">
        <Card title={t.versions}>
          <Facts
            items={[
              [t.coordinator, feed.coordinator.value?.version ?? common.value.unknown],
              [
                t.agents,
                <Versions key="agents" of={feed.agents.value.map((agent) => agent.agent_version)} />,
              ],
              [
                t.ollama,
                <Versions key="ollama" of={feed.agents.value.map((agent) => agent.ollama_version)} />,
              ],
              [t.clock, offset === 0 ? t.clockSame : t.clockOff(fmt.span(Math.abs(offset)))],
            ]}
          />
        </Card>
        <Card title={t.address}>
          <div class="stack stack-sm">
            <p class="muted">{t.addressHint}</p>
            <h3>{t.ollamaApi}</h3>
            <CopyField label={t.ollamaApi} value={origin} />
            <h3>{t.openaiApi}</h3>
            <CopyField label={t.openaiApi} value={`${origin}/v1`} />
            <h3>{t.anthropicApi}</h3>
            <CopyField label={t.anthropicApi} value={origin} />
          </div>
        </Card>
        {who !== null && who !== undefined && (
          <Card title={t.you}>
            <Facts
              items={[
                [t.role, t.roles[who.role]],
                [t.via, t.vias[who.via]],
                [t.expires, <RelativeTime key="end" at={who.expires_at} fallback={t.noEnd} />],
              ]}
            />
          </Card>
        )}
        <Card title={t.links}>
          <ul class="stack stack-sm">
            <li>
              <a href="/docs">{t.docs}</a>
            </li>
            <li>
              <a href="/openapi.json">{t.openapi}</a>
            </li>
            <li>
              <a href="/metrics">{t.metrics}</a>
            </li>
            <li>
              <a href="/healthz">{t.health}</a>
            </li>
          </ul>
        </Card>
      </div>
    </>
  );
}

/** Each version with how many machines have it, the most frequent first. */
function Versions({ of }: { of: readonly (string | null)[] }) {
  const t = aboutText.value;
  if (of.length === 0) return <span class="muted">{t.none}</span>;
  const counts = new Map<string, number>();
  for (const version of of) {
    const name = version ?? common.value.unknown;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, 5);
  return (
    <ul>
      {sorted.map(([version, n]) => (
        <li key={version}>
          <Name value={t.onMachines(version, n)} />
        </li>
      ))}
    </ul>
  );
}

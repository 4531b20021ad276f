export function Logo({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" class="logo">
      <rect width="32" height="32" rx="8" />
      <path d="M16 12.8V8M16 24v-4.8M12.8 16H8M24 16h-4.8" />
      <circle cx="16" cy="16" r="3.2" />
      <circle cx="16" cy="7" r="1.4" />
      <circle cx="16" cy="25" r="1.4" />
      <circle cx="7" cy="16" r="1.4" />
      <circle cx="25" cy="16" r="1.4" />
    </svg>
  );
}
